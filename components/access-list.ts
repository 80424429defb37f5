import { quoted } from "../rules/quoted.ts";
import { nearest } from "../rules/site-paths.ts";
import { MAX_WORD, nginxLiteral } from "./nginx-literal.ts";
import type { UpstreamView } from "./upstream.ts";

/**
 * Certificates that are let in, by what nginx knows of them: the texts are as in `$ssl_client_i_dn`, `$ssl_client_s_dn`,
 * `$ssl_client_serial` and `$ssl_client_fingerprint`, and all that are given must be the same.
 */
export type CertificateMatch<Ca = string> =
  { issuer: Ca; subject: string } | { issuer: Ca; serialNumber: string } | { issuer: Ca } | { fingerprintSha1: string };

/** A part of the site, as the templates are told of it. */
export interface LocationView<Ca = string> {
  /** `/`, or as `SiteLocation` has it, without a slash at its end. */
  path: string;
  /**
   * Who may see it. This says all: what is above is not asked.
   *
   * @default - everybody whom `verifyClient` lets in
   */
  allow?: CertificateMatch<Ca>[];
  /**
   * The service that answers.
   *
   * @default - that of the nearest location above it; without one, the site's own pages
   */
  upstream?: UpstreamView;
}

/** Those who are let in, and where. */
export interface AccessList {
  /** Counted from 1. */
  number: number;
  paths: string[];
  allowed: CertificateMatch[];
}

/** One list for all locations that let in the same. */
export function accessLists(locations: readonly LocationView[]): AccessList[] {
  const lists = new Map<string, AccessList>();
  for (const { path, allow } of locations) {
    if (!allow) continue;
    const text = JSON.stringify(allow);
    const list = lists.get(text) ?? { number: lists.size + 1, paths: [], allowed: allow };
    list.paths.push(path);
    lists.set(text, list);
  }
  return [...lists.values()];
}

/** What nginx.conf says of the locations, and of who may see them. */
export function accessTags(locations: readonly LocationView[]) {
  for (const [position, { allow = [] }] of locations.entries()) {
    for (const match of allow) checkNames(match, `'locations[${position}].allow'`);
  }
  const lists = accessLists(locations);
  const deciding = (path: string): number | false => {
    const place = nearest(path, locations);
    return lists.find(({ paths }) => place && paths.includes(place.path))?.number ?? false;
  };
  return {
    hasAccessLists: lists.length > 0,
    accessLists: lists.map(({ number, paths, allowed }) => ({ number, paths, ...byKind(allowed.map(literals)) })),
    rootAccess: deciding("/"),
    whoamiAccess: deciding("/whoami"),
    hasLocations: locations.length > 0,
    // nginx takes the first of its regular expressions that fits, and the longest path is to decide.
    locations: locations
      .filter(({ path }) => path !== "/")
      .map(({ path }) => ({ path, access: deciding(path) }))
      .sort((a, b) => b.path.length - a.path.length),
  };
}

/** A match in words, for those who are refused. */
export function described(match: CertificateMatch): string {
  if ("fingerprintSha1" in match) return `the certificate with the SHA-1 ${match.fingerprintSha1}`;
  if ("subject" in match) return `${match.subject}, certified by ${match.issuer}`;
  if ("serialNumber" in match) return `the certificate ${match.serialNumber} of ${match.issuer}`;
  return `everybody certified by ${match.issuer}`;
}

/** That nginx can read the names, and tell one from another. */
function checkNames(match: CertificateMatch, argument: string): void {
  const texts = Object.values(literals(match));
  const length = texts.join("").length;
  if (length > MAX_WORD) {
    throw new Error(
      `${argument} lets in ${quoted(described(match))}, of which nginx.conf must say ${length} bytes, and nginx takes ${MAX_WORD}: ` +
        "shorten the name of the client or the CA, or name the certificate by its fingerprintSha1",
    );
  }
  if (texts.includes("")) {
    throw new Error(
      `${argument} lets in ${quoted(described(match))}, and nginx knows a client and a CA by a name that is not empty: give it one`,
    );
  }
}

function byKind(matches: CertificateMatch[]) {
  const having = (key: string) => matches.filter((match) => key in match);
  return {
    subjects: having("subject"),
    serialNumbers: having("serialNumber"),
    issuers: having("issuer").filter((match) => Object.keys(match).length === 1),
    fingerprints: having("fingerprintSha1"),
  };
}

/** The same with texts that stand for themselves in a regular expression. */
function literals(match: CertificateMatch): CertificateMatch {
  return Object.fromEntries(Object.entries(match).map(([key, text]) => [key, nginxLiteral(text)])) as CertificateMatch;
}
