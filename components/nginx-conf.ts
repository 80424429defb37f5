import { OPEN_FILES } from "../rules/container-limits.ts";
import { quoted } from "../rules/quoted.ts";
import { checkSitePaths, sitePath } from "../rules/site-paths.ts";
import { TLS_POLICIES, type TlsPolicyName } from "../rules/tls-policies.ts";
import { VERIFY_CLIENT_MODES, type VerifyClient } from "../rules/verify-client.ts";
import type { LocationView } from "./access-list.ts";
import { locationTags } from "./location-tags.ts";
import { styleHashes } from "./pages.ts";
import { siteNames } from "./site-names.ts";
import { renderStrict } from "./strict-mustache.ts";
import { readTemplate } from "./template-files.ts";
import { tlsPolicy } from "./tls-policy.ts";
import { checkUpstream } from "./upstream.ts";
import { verifyErrors } from "./verify-errors.ts";

/** Port inside the container, on its loopback address, where `GET /healthz` answers 200 without TLS. */
export const HEALTH_PORT = 8081;

/** OpenSSL follows no longer chain (SSL_CTX_set_verify(3)). */
const MAX_VERIFY_DEPTH = 100;

/** What an nginx.conf is made from. */
export interface NginxConfView {
  /** DNS names the site answers to. `*.lab.localhost` stands for one label, as in a certificate. */
  serverNames: string[];
  /** Addresses it answers to, by clients that send no SNI. Its certificate must name them. May be empty. */
  ipAddresses: string[];
  /** Port for plain HTTP inside the container. */
  httpPort: number;
  /** Port for HTTPS inside the container. */
  httpsPort: number;
  /** Port for HTTPS that clients see; redirects name it, unless it is 443. */
  publicHttpsPort: number;
  /** nginx's `ssl_verify_client`. */
  verifyClient: VerifyClient;
  /** nginx's `ssl_verify_depth`: how many intermediates a client's chain may have. */
  verifyDepth: number;
  /** Whether client certificates are looked up in the revocation lists of `client-ca.crl`. */
  checksRevocation: boolean;
  /** Which TLS versions, suites and curves are taken. */
  tlsPolicy: TlsPolicyName;
  /** Whether HTTP/2 is offered beside HTTP/1.1 (ALPN, RFC 7301). */
  http2: boolean;
  /**
   * Files and connections that each worker may have open (nginx's `worker_rlimit_nofile`).
   *
   * @default - as many as the process that starts nginx
   */
  openFiles?: number;
  /**
   * Parts of the site that have rules of their own, or that services answer for.
   *
   * @default - none
   */
  locations?: LocationView[];
}

/**
 * Renders nginx.conf from `templates/nginx.conf.mustache`. The same view gives the same text.
 *
 * nginx must be told the folder of the file, for the pages are found relative to it: `nginx -p FOLDER -c nginx.conf`. Beside it
 * belong `server.crt` (leaf and intermediates), `server.key`, `client-ca.crt` (unless `verifyClient` is off), `client-ca.crl` (with
 * `checksRevocation`) and `pages/`; with upstreams also `client-chains.conf` and, for those with https, `upstreams/N/`.
 *
 * @throws Error in one sentence, if a value is not allowed or could end its directive.
 */
export function renderNginxConf(view: NginxConfView): string {
  checkView(view);
  const names = siteNames(view.serverNames, view.ipAddresses);
  const policy = tlsPolicy(view.tlsPolicy);
  const { errors, other } = verifyErrors();

  return renderNginxTemplate("nginx.conf.mustache", readTemplate("nginx.conf.mustache"), {
    openFiles: view.openFiles ?? false,
    policyName: view.tlsPolicy,
    policyVersion: policy.version,
    policySource: policy.source,
    protocols: policy.protocols,
    ciphers: policy.ciphers.join(":") || false,
    curves: policy.curves.join(":") || false,
    hosts: [...names.exact, ...names.addresses],
    wildcardDomains: names.wildcardDomains,
    addresses: names.addresses,
    servesAddresses: names.addresses.length > 0,
    httpPort: view.httpPort,
    httpsPort: view.httpsPort,
    healthPort: HEALTH_PORT,
    publicPort: view.publicHttpsPort !== 443 && view.publicHttpsPort,
    publicHttpsPort: view.publicHttpsPort,
    asksForCertificate: view.verifyClient !== "off",
    verifyClient: view.verifyClient,
    verifyDepth: view.verifyDepth,
    checksRevocation: view.checksRevocation,
    http2: view.http2,
    styleHashes: styleHashes(),
    ...locationTags(view.locations ?? []),
    otherCause: other.cause,
    otherCure: other.cure,
    verifyErrors: errors.flatMap(({ text, olderText, cause, cure }) =>
      [text, ...(olderText === undefined ? [] : [olderText])].map((words) => ({ text: words, cause, cure })),
    ),
  });
}

/** Parts of the template, each a file in `templates/nginx/`. */
const PARTS = ["logs", "verify-errors", "access", "allow", "locations", "upstream", "upstreams"];

/** Renders a template of nginx configuration; every value stays one part of the directive it is put into. */
export function renderNginxTemplate(file: string, text: string, view: object): string {
  const partials = Object.fromEntries(PARTS.map((part) => [part, readTemplate(`nginx/${part}.mustache`)]));
  return renderStrict({ file, text, partials, escape: (value) => value, problem: problemInNginx }, view);
}

// nginx ends a word at white space, ; and {, and reads $name as a variable, quoted or not.
function problemInNginx(value: string, before: string): string | undefined {
  const isQuoted = before.split('"').length % 2 === 0;
  if (isQuoted) {
    return /^([^"\\$\p{Cc}\p{Cs}]|\\x[0-9a-f]{2})+$/u.test(value)
      ? undefined
      : 'in quotes nginx.conf takes no ", \\ (save as \\xHH), $, control character or half a surrogate pair';
  }
  return /^[\w.:*@=+/![\]-]+$/.test(value)
    ? undefined
    : "nginx.conf takes letters, digits and . : * @ = + / ! [ ] _ - here";
}

function checkView(view: NginxConfView): void {
  const ports = ["httpPort", "httpsPort", "publicHttpsPort"] as const;
  for (const name of ports) wholeNumber(name, view[name], 1, 65_535);
  wholeNumber("verifyDepth", view.verifyDepth, 0, MAX_VERIFY_DEPTH);
  if (view.openFiles !== undefined) wholeNumber("openFiles", view.openFiles, OPEN_FILES.min, OPEN_FILES.max);
  oneOf("verifyClient", view.verifyClient, VERIFY_CLIENT_MODES);
  oneOf("tlsPolicy", view.tlsPolicy, TLS_POLICIES);
  for (const name of ["checksRevocation", "http2"] as const) {
    if (typeof view[name] === "boolean") continue;
    throw new Error(`'${name}' must be true or false, got ${quoted(view[name])}`);
  }

  const locations = view.locations ?? [];
  checkSitePaths(locations);
  for (const [position, { path, upstream }] of locations.entries()) {
    const argument = `locations[${position}]`;
    if (path !== sitePath(path))
      throw new Error(`'${argument}.path' must have no slash at its end, got ${quoted(path)}`);
    if (upstream) checkUpstream(upstream, `${argument}.upstream`);
  }
  if (new Set([view.httpPort, view.httpsPort, HEALTH_PORT]).size < 3) {
    throw new Error(
      `'httpPort' and 'httpsPort' must differ from each other and from the health check's ${HEALTH_PORT}, ` +
        `got ${view.httpPort} and ${view.httpsPort}`,
    );
  }
}

function wholeNumber(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Error(`'${name}' must be a whole number from ${min} to ${max}, got ${quoted(value)}`);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new Error(`'${name}' must be one of ${allowed.join(", ")}, got ${quoted(value)}`);
}
