import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";

import { canonicalAddress, isDnsName } from "../rules/names.ts";
import { quoted } from "../rules/quoted.ts";
import { isSitePath, sitePath } from "../rules/site-paths.ts";
import type { Issuer } from "./issuer.ts";
import type { LeafCert } from "./leaf-cert.ts";

/** A service behind the site, without its certificates: what nginx.conf is made from. */
export interface UpstreamSettings {
  /**
   * Where the service is: `http://HOST:PORT` or `https://HOST:PORT`, with a path or without one. HOST is a container in one of the
   * site's `networks`, or another name that is known there; or `host.docker.internal`, which is the machine itself; or an address.
   *
   * Without a path the service gets the path that was asked for. A path, and be it `/`, takes the place of the location's own.
   */
  url: string;

  /**
   * The name that the service's certificate must have, which is also sent to it (SNI). nginx compares no addresses, so an https
   * `url` with an address needs it.
   *
   * @default - HOST of the `url`
   */
  serverName?: string;

  /**
   * What the service gets as Host, for one that answers only to its own name.
   *
   * @default - the site's name and port, as the client asked for it
   */
  host?: string;

  /**
   * Whether clients may switch to web sockets (RFC 6455). A reload of nginx ends those that are open, after 8 s.
   *
   * @default true
   */
  webSocket?: boolean;

  /**
   * How many connections nginx keeps open while they are idle, for 4 s; 0 to 1000. It cannot do that for a name which it looks up
   * while it runs. So of such a name a number means: look it up when nginx starts or reloads, and only then. Then nginx does
   * neither while the name is not known.
   *
   * @default 16, or 0 where HOST is a name in `networks`
   */
  keepAlive?: number;

  /**
   * For how many seconds the service may be silent, until its answer begins and within it or within a web socket; 1 to 86400.
   * Then the client gets 504.
   *
   * @default 60
   */
  timeoutSeconds?: number;

  /**
   * nginx's `client_max_body_size`: what a client may send in one request, for example `512k` or `2g`; `0` for any amount.
   *
   * @default "16m"
   */
  maxBodySize?: string;
}

/**
 * A service behind a location of the site. It is told who the client is, in headers that no client can set itself: `Client-Cert`
 * and `Client-Cert-Chain` (RFC 9440) and nginx's usual `X-SSL-Client-…`. Without a verified certificate there is
 * `X-SSL-Client-Verify` alone.
 */
export interface Upstream extends UpstreamSettings {
  /**
   * With https: who must have certified the service, as CAs or as the PEM text of trusted roots.
   *
   * @default - none; an https `url` needs it
   */
  caCertificates?: Issuer[] | pulumi.Input<string>;

  /**
   * With https: the certificate by which the site says who it is.
   *
   * @default - none is shown
   */
  clientCert?: LeafCert;
}

/** What the templates are told of one. */
export interface UpstreamView extends UpstreamSettings {
  /** @default false */
  hasClientCert?: boolean;
}

/** By this name Docker gives a container the machine that it runs on, if it is asked to (`host-gateway`). */
export const HOST_NAME = "host.docker.internal";

/** Where a service is, read from its url. */
interface Target {
  scheme: "http" | "https";
  /** An IPv6 address is in its shortest form and in brackets. */
  host: string;
  port: number;
  /** Without a slash at its end, unless it is one. Undefined: the url has none. */
  path: string | undefined;
}

const URL_PARTS =
  /^(?<scheme>https?):\/\/(?<host>[a-z0-9](?:[a-z0-9_.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?(?<path>\/.*)?$/;
const HOST_HEADER = /^[a-z0-9]([\w.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i;
const ITSELF = /^(127\.[\d.]+|0\.0\.0\.0|\[::1?\]|localhost)$/;

/**
 * Reads a service's url.
 *
 * @param argument what it is called in a message.
 * @throws Error in one sentence, if it is not one, or leads to nginx itself.
 */
export function targetOf(url: string, argument = "url"): Target {
  const { scheme = "", host: given = "", port, path } = URL_PARTS.exec(url)?.groups ?? {};
  // nginx does not take every way to write an IPv6 address.
  const host = given.startsWith("[") ? `[${canonicalAddress(given.slice(1, -1))}]` : given;
  const isHttp = scheme === "http";
  const number = Number(port ?? (isHttp ? 80 : 443));
  const isHost = !host.startsWith("[") || isIP(host.slice(1, -1)) === 6;
  if (!scheme || !isHost || number < 1 || number > 65_535 || (path !== undefined && !isSitePath(path))) {
    throw new Error(
      `'${argument}' must be http://HOST:PORT or https://HOST:PORT, HOST in small letters, with a path of letters, digits and ` +
        `._-/ or without one, got ${quoted(url)}`,
    );
  }
  if (ITSELF.test(host)) {
    throw new Error(
      `'${argument}' names ${host}, which is nginx's own container: call the machine that it runs on ${HOST_NAME}`,
    );
  }
  return { scheme: isHttp ? "http" : "https", host, port: number, path: path && sitePath(path) };
}

/**
 * The name that nginx looks up while it runs, with its port; only Docker's DNS knows it. Undefined: nginx knows the address from
 * its start.
 */
export function lookedUpName({ url, keepAlive = 0 }: UpstreamSettings): string | undefined {
  const { host, port } = targetOf(url);
  return isAnywhere(host) || keepAlive > 0 ? undefined : `${host}:${port}`;
}

/** Whether a container finds it in whatever network it is: an address, or the machine itself. */
export function isAnywhere(host: string): boolean {
  return host === HOST_NAME || isIP(host.replace(/[[\]]/g, "")) !== 0;
}

/**
 * Checks what can be known before nginx sees it.
 *
 * @param argument what the upstream is called in a message.
 * @throws Error in one sentence.
 */
export function checkUpstream(upstream: UpstreamView, argument: string): void {
  const { url, serverName, host: hostHeader, webSocket = true, keepAlive, timeoutSeconds, maxBodySize } = upstream;
  const { scheme, host } = targetOf(url, `${argument}.url`);
  const refuse = (property: string, reason: string): never => {
    throw new Error(`'${argument}${property}' ${reason}`);
  };
  const got = (value: unknown) => `got ${quoted(value)}`;

  if (scheme === "http" && (serverName !== undefined || upstream.hasClientCert)) {
    refuse("", `has what TLS needs, a server name or a certificate, and the url ${url}: take https, or leave them out`);
  }
  if (serverName !== undefined && !isDnsName(serverName))
    refuse(".serverName", `must be a DNS name, ${got(serverName)}`);
  if (scheme === "https" && serverName === undefined && !isDnsName(host)) {
    refuse(
      "",
      `must have a 'serverName', for nginx looks for no ${host} in a certificate: give it a DNS name that is there`,
    );
  }
  if (hostHeader !== undefined && !HOST_HEADER.test(hostHeader)) {
    refuse(".host", `must be a name, with a port or without one, ${got(hostHeader)}`);
  }
  if (typeof webSocket !== "boolean") refuse(".webSocket", `must be true or false, ${got(webSocket)}`);
  for (const [property, value, min, max] of [
    [".keepAlive", keepAlive, 0, 1000],
    [".timeoutSeconds", timeoutSeconds, 1, 86_400],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    refuse(property, `must be a whole number from ${min} to ${max}, ${got(value)}`);
  }
  if (maxBodySize !== undefined && !/^\d{1,9}[kmg]?$/.test(maxBodySize)) {
    refuse(".maxBodySize", `must be a number of bytes, like 512k, 16m or 2g, ${got(maxBodySize)}`);
  }
}
