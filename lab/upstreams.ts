/** The services behind the lab's site, by the paths at which they are. Pure. */
import type { SiteLocation } from "../components/site-location.ts";
import { siteNetwork } from "../components/site-network.ts";
import { targetOf } from "../components/upstream.ts";
import type { LabConfig } from "../config.ts";
import { isOwnPath, sitePath } from "../rules/site-paths.ts";

/** The same locations with the services, and those of the services. */
export function withUpstreams(locations: SiteLocation[], { upstreams }: LabConfig): SiteLocation[] {
  const having = new Map(Object.entries(upstreams).map(([path, url]) => [sitePath(path), { upstream: { url } }]));
  const ruled = new Map(locations.map((location) => [sitePath(location.path), location]));
  return [...new Set([...ruled.keys(), ...having.keys()])].map((path) => {
    return { path, ...ruled.get(path), ...having.get(path) };
  });
}

/** What is wrong with the services, each as the end of a sentence that begins with "configuration". */
export function upstreamProblems({ upstreams, networks }: LabConfig): string[] {
  const paths = Object.keys(upstreams).map(sitePath);
  const problems = Object.entries(upstreams).flatMap(([path, url], index) => {
    const has = `key 'upstreams' has '${path}'`;
    if (isOwnPath(path)) return [`${has}, which is the site's own: choose another path`];
    if (paths.indexOf(sitePath(path)) < index)
      return [`${has}, which is there already without or with a slash: remove one`];
    if (url.startsWith("https:")) {
      return [`${has} with https, for which a CA must be named: take http, or a program (see docs/upstreams.md)`];
    }
    return problemOf(() => targetOf(url, `upstreams["${path}"]`));
  });
  if (problems.length > 0) return problems;
  return problemOf(() =>
    siteNetwork(
      Object.values(upstreams).map((url) => ({ upstream: { url } })),
      networks,
    ),
  );
}

function problemOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [`key ${(error as Error).message}`];
  }
}
