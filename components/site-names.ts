import { canonicalAddress, isDnsName, isIpAddress } from "../rules/names.ts";
import { quoted } from "../rules/quoted.ts";

/** The names and addresses of a site, in the form in which nginx compares them. */
export interface SiteNames {
  /** Whole DNS names, lower case. */
  exact: string[];
  /** `lab.localhost` for each wildcard `*.lab.localhost`. */
  wildcardDomains: string[];
  /** Addresses as they stand in a URL: IPv6 in its shortest form and in brackets. */
  addresses: string[];
}

/**
 * Sorts and normalises the names of a site; what is given twice counts once.
 *
 * @throws Error in one sentence if a name is no DNS name, an address no IP address, or if there is neither.
 */
export function siteNames(names: readonly string[], addresses: readonly string[]): SiteNames {
  if (names.length + addresses.length === 0) {
    throw new Error("a site needs a name or an address, got neither: give 'serverNames' or 'ipAddresses' an entry");
  }
  const unique = [...new Set(names.map(dnsName))];
  return {
    exact: unique.filter((name) => !name.startsWith("*.")),
    wildcardDomains: unique.filter((name) => name.startsWith("*.")).map((name) => name.slice(2)),
    addresses: [...new Set(addresses.map(urlAddress))],
  };
}

/** The host to name in a URL of the site: its first whole name, else its first address, else a name below its wildcard. */
export function mainHost({ exact, addresses, wildcardDomains }: SiteNames): string {
  return exact[0] ?? addresses[0] ?? `www.${wildcardDomains[0]}`;
}

function dnsName(given: string): string {
  // The star stands for a label, of one letter at least. A last label of digits makes it an address for every URL parser.
  if (!isDnsName(given.replace(/^\*\./, "w.")) || /\.\d+$/.test(given)) {
    throw new Error(
      `'serverNames' takes DNS names such as lab.localhost or *.lab.localhost, got ${quoted(given)}: ` +
        "use letters, digits and hyphens (xn--… for others), and 'ipAddresses' for an address",
    );
  }
  // Not before: the Kelvin sign is a k in small letters.
  return given.toLowerCase();
}

function urlAddress(given: string): string {
  if (!isIpAddress(given)) {
    throw new Error(
      `'ipAddresses' takes addresses such as 192.0.2.1 or 2001:db8::1, got ${quoted(given)}: ` +
        "leave out brackets, port and zone",
    );
  }
  const address = canonicalAddress(given);
  return address.includes(":") ? `[${address}]` : address;
}
