import { isIP } from "node:net";

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const DNS_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`, "i");

/** A host name as RFC 1123, 2.1 allows it, without a final dot. Something that reads as an address is none. */
export function isDnsName(name: string): boolean {
  return DNS_NAME.test(name) && !/^[\d.]+$/.test(name);
}

/** `*.` and a DNS name: the only wildcard that TLS clients accept (RFC 9525, 6.3). */
export function isWildcardDnsName(name: string): boolean {
  return name.startsWith("*.") && isDnsName(name.slice(2));
}

/** An IPv4 or IPv6 address, without a zone. */
export function isIpAddress(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%");
}

/** The one way to write an address (RFC 5952, 4). Anything else is left as it is. */
export function canonicalAddress(address: string): string {
  return isIpAddress(address) && address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
