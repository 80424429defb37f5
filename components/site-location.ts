import * as pulumi from "@pulumi/pulumi";

import { checkSitePaths, isOwnPath, nearest, sitePath } from "../rules/site-paths.ts";
import type { CertificateMatch, LocationView } from "./access-list.ts";
import { type AccessRule, matchesOf } from "./access-rule.ts";
import { distinguishedName, nameOfCa } from "./distinguished-name.ts";
import type { Issuer } from "./issuer.ts";
import { checkUpstream, type Upstream, type UpstreamView } from "./upstream.ts";

/** A part of a site. Without a service it shows the landing page, which says who the client is. */
export interface SiteLocation {
  /**
   * `/` or a path like `/admin`, of letters, digits and `._-/`, none twice. It stands for itself and for all that is below it: `/admin`
   * for `/admin`, `/admin/` and `/admin/users`, but not for `/administrator` or `/ADMIN`. nginx compares it with a request's path when
   * that is decoded and its `..` and `//` are resolved; of several that cover a request the longest decides. `/errors` is nginx's own.
   */
  path: string;

  /**
   * Who may see it: one of the rules must fit, and an empty list lets nobody in. Only a certificate that nginx has verified fits.
   * Who is refused gets status 403 and a page that says who they are and who is let in.
   *
   * @default - as the nearest location above it; without one, everybody whom `verifyClient` lets in
   */
  allow?: AccessRule[];

  /**
   * The service that answers. `/whoami` stays the site's own.
   *
   * @default - that of the nearest location above it; without one, the site's own pages
   */
  upstream?: Upstream;
}

/**
 * Who may see which part of a site, and which services answer.
 *
 * @throws Error in one sentence, if a path is not one or given twice, if nobody could fit a rule, or if a service could not be asked.
 */
export function siteLocations(
  locations: readonly SiteLocation[],
  clientIssuers: readonly Issuer[],
  verifyClient: string,
): LocationView<Issuer>[] {
  checkSitePaths(locations);
  const ruled = locations.flatMap(({ path, allow }, position) => {
    if (!allow) return [];
    const argument = `locations[${position}].allow`;
    if (verifyClient === "off") {
      throw new Error(`'${argument}' lets nobody in with verifyClient off, where nobody is asked: use on or optional`);
    }
    const matches = allow.flatMap((rule, index) => matchesOf(rule, clientIssuers, `'${argument}[${index}]'`));
    const isOpen = allow.some((rule) => "everybody" in rule);
    return [{ path: sitePath(path), allow: isOpen ? undefined : matches }];
  });
  return locations.map((location, position) => {
    const path = sitePath(location.path);
    return {
      path,
      allow: nearest(path, ruled)?.allow,
      upstream: upstreamView(location, `locations[${position}].upstream`),
    };
  });
}

/** What the templates are told of a location's own service. */
function upstreamView({ path, upstream }: SiteLocation, argument: string): UpstreamView | undefined {
  if (!upstream) return undefined;
  if (isOwnPath(path)) throw new Error(`'${argument}' is for ${path}, which is the site's own: choose another path`);
  const { caCertificates, clientCert, ...settings } = upstream;
  const view = { ...settings, hasClientCert: clientCert !== undefined };
  checkUpstream(view, argument);
  const isTls = settings.url.startsWith("https:");
  if (isTls && (caCertificates === undefined || (Array.isArray(caCertificates) && caCertificates.length === 0))) {
    throw new Error(`'${argument}.caCertificates' must say who certified ${settings.url}: name its CA`);
  }
  if (!isTls && caCertificates !== undefined) {
    throw new Error(
      `'${argument}.caCertificates' is for https, and the url is ${settings.url}: leave out one of the two`,
    );
  }
  return view;
}

/** The same with the names of the CAs. */
export function withNames(locations: readonly LocationView<Issuer>[]): pulumi.Output<LocationView[]> {
  const issuers = locations.flatMap(({ allow = [] }) =>
    allow.flatMap((match) => ("issuer" in match ? match.issuer : [])),
  );
  const cas = [...new Set(issuers)];
  return pulumi.all(cas.map(nameOfCa)).apply((names) => {
    const nameOf = new Map(cas.map((ca, index) => [ca, names[index]!]));
    return named(locations, (ca) => nameOf.get(ca)!);
  });
}

/** The same before an update: a CA whose name only its certificate says has that of its component. */
export function withKnownNames(locations: readonly LocationView<Issuer>[]): LocationView[] {
  return named(locations, ({ subject, name }) => (subject ? distinguishedName(subject) : name));
}

/** The same where the names are known. */
export function named(locations: readonly LocationView<Issuer>[], nameOf: (ca: Issuer) => string): LocationView[] {
  const withName = (match: CertificateMatch<Issuer>): CertificateMatch =>
    "issuer" in match ? { ...match, issuer: nameOf(match.issuer) } : match;
  return locations.map(({ allow, ...location }) => ({ ...location, allow: allow?.map(withName) }));
}
