/** What counts as a name, an address or a range in a certificate. Pure, shared by components and provider. */
import { isIP } from "node:net";

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const DNS_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`, "i");
/** The local part as RFC 5321, 4.1.2 has it without quotes: what mail clients accept. */
const LOCAL_PART = /^(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

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

/** An address and the length of its network part: `192.0.2.0/24`, `2001:db8::/32`. */
export function isIpRange(range: string): boolean {
  const [address = "", length = "", ...rest] = range.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  return isIpAddress(address) && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= most;
}

/** An ASCII mailbox `local@domain` (RFC 5280, 4.2.1.6: rfc822Name). */
export function isEmailAddress(mailbox: string): boolean {
  const at = mailbox.lastIndexOf("@");
  return LOCAL_PART.test(mailbox.slice(0, Math.max(0, at))) && isDnsName(mailbox.slice(at + 1));
}

/** An absolute URI in ASCII (RFC 5280, 4.2.1.6): a scheme, a colon and something after it. */
export function isUri(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(uri) && URL.canParse(uri);
}
