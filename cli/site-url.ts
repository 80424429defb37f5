import { isIPv6 } from "node:net";

import type { LabConfig } from "../config.ts";
import { publishedAddress } from "../rules/docker-machine.ts";

/** URL of a path of the site, for example `https://lab.localhost:8443/whoami`. */
export function siteUrl({ domain, httpsPort }: LabConfig, path = "/"): string {
  return `https://${authority(domain, httpsPort)}${path}`;
}

/** A name or an address as a URL and a Host header have it: with its port, unless that is the one of https. */
export function authority(host: string, port: number): string {
  return `${inUrl(host)}${port === 443 ? "" : `:${port}`}`;
}

/** An address at which this machine reaches the site. */
export function siteAddress({ bindAddress }: LabConfig): string {
  return publishedAddress(bindAddress);
}

/** A host as it stands in a URL: an IPv6 address in its shortest form and in brackets. */
export function inUrl(host: string): string {
  return isIPv6(host) ? new URL(`http://[${host}]`).hostname : host;
}
