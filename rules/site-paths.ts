/** Paths of a site, and what can be at them. Pure, shared by configuration and components. */

import { quoted } from "./quoted.ts";

/**
 * Segments that stay what they are when nginx has decoded a request's path, merged its slashes and resolved its dots: that is the
 * path it compares, and one that is written otherwise would never be met. `/errors` has nginx's own pages.
 */
const SITE_PATH = /^(?=\/.{0,199}$)(?!\/errors(\/|$))(\/(?!\.\.?(\/|$))[\w.-]+)*\/?$/;

/** What {@link isSitePath} takes, for messages. */
export const SITE_PATH_ALLOWED =
  "/ or a path like /admin or /reports/2026, of at most 200 letters, digits and ._-/, and not below /errors";

/** Whether it may be the path of a location. */
export function isSitePath(path: string): boolean {
  return SITE_PATH.test(path);
}

/** Without a slash at its end, for `/admin/` is the same place as `/admin`. */
export function sitePath(path: string): string {
  return path === "/" ? path : path.replace(/\/$/, "");
}

/** Whether no service can be there: the site answers itself. */
export function isOwnPath(path: string): boolean {
  return sitePath(path) === "/whoami";
}

/**
 * That each location has a path, and none has that of another.
 *
 * @throws Error in one sentence that names the argument: `locations[0].path`.
 */
export function checkSitePaths(locations: readonly { path: string }[]): void {
  const seen = new Set<string>();
  for (const [position, { path }] of locations.entries()) {
    const argument = `'locations[${position}].path'`;
    if (!isSitePath(path)) throw new Error(`${argument} must be ${SITE_PATH_ALLOWED}, got ${quoted(path)}`);
    if (seen.has(sitePath(path))) {
      throw new Error(`${argument} is ${path}, which is in the list already: remove one of the two`);
    }
    seen.add(sitePath(path));
  }
}

/**
 * The place that decides about a path: the longest that is the path or above it. `/admin` is above `/admin/users`, and not above
 * `/administrator`.
 */
export function nearest<Place extends { path: string }>(path: string, places: readonly Place[]): Place | undefined {
  return places
    .filter((place) => `${path}/`.startsWith(place.path === "/" ? "/" : `${place.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
