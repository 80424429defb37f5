import type { LocationView } from "./access-list.ts";
import { readTemplate } from "./template-files.ts";
import { lookedUpName, targetOf, type UpstreamView } from "./upstream.ts";

/** How many lines of a certificate's PEM text go into a header. `templates/nginx/upstreams.mustache` takes them in two halves, and counts, too. */
const PEM_LINES = 128;
/** A line of PEM has 64 characters, which are 48 bytes. */
export const MAX_CERTIFICATE_BYTES = PEM_LINES * 48;

const DEFAULT_KEEP_ALIVE = 16;

/** What the templates say of the upstreams of a site: the values of their tags. */
export function upstreamTags(locations: readonly LocationView[]) {
  const having = locations.flatMap(({ path, upstream }) => (upstream ? [{ path, upstream }] : []));
  const upstreams = having.map(({ path, upstream }, index) => ({ path, ...tagsOf(path, upstream, index) }));
  const names = Array.from({ length: PEM_LINES }, (_, index) => `pem_${index + 1}`);
  return {
    upstreams,
    hasUpstreams: upstreams.length > 0,
    groups: upstreams.filter(({ group }) => group),
    looksUpNames: having.some(({ upstream }) => lookedUpName(upstream) !== undefined),
    firstPemLines: names.slice(0, PEM_LINES / 2),
    otherPemLines: names.slice(PEM_LINES / 2),
    untrustedHeaders: untrustedHeaders(),
  };
}

/** Where the files of an upstream are, counted from 0, from the folder of nginx.conf. */
export function upstreamFolder(index: number): string {
  return `upstreams/${index + 1}`;
}

function tagsOf(path: string, upstream: UpstreamView, index: number) {
  const { scheme, host, port, path: newPath } = targetOf(upstream.url);
  const isLookedUp = lookedUpName(upstream) !== undefined;
  const replacesPath = newPath !== undefined;
  return {
    url: upstream.url,
    scheme,
    address: `${host}:${port}`,
    group: !isLookedUp && `upstream_${index + 1}`,
    keepAlive: upstream.keepAlive ?? DEFAULT_KEEP_ALIVE,
    replacesPath,
    lacksSlash: replacesPath && path !== "/",
    from: replacesPath ? withSlash(path) : "/",
    to: replacesPath ? withSlash(newPath) : "/",
    host: upstream.host ?? false,
    webSocket: (upstream.webSocket ?? true) ? "on" : "off",
    isTls: scheme === "https",
    serverName: upstream.serverName ?? host,
    folder: upstreamFolder(index),
    hasClientCert: upstream.hasClientCert ?? false,
    timeoutSeconds: upstream.timeoutSeconds ?? 60,
    maxBodySize: upstream.maxBodySize ?? "16m",
  };
}

function withSlash(path: string): string {
  return path === "/" ? path : `${path}/`;
}

function untrustedHeaders(): string[] {
  const { headers } = JSON.parse(readTemplate("untrusted-headers.json")) as { headers: Record<string, string[]> };
  return Object.values(headers).flat();
}
