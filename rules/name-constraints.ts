/** nameConstraints (RFC 5280, 4.2.1.10) as plain data, and what they forbid. Pure, shared by components and provider. */
import { BlockList, isIP } from "node:net";

import { isDnsName, isEmailAddress, isIpRange } from "./names.ts";

/** Which names a CA, and every CA below it, may certify. */
export interface NameConstraints {
  /**
   * Where a kind has entries here, a name of that kind must be in one of them.
   *
   * @default - every name
   */
  permitted?: NameSubtrees;
  /**
   * No name may be in one of these, permitted or not.
   *
   * @default - none
   */
  excluded?: NameSubtrees;
}

/** Parts of the name space, by kind of name. */
export interface NameSubtrees {
  /** `lab.test` stands for itself and every name below it. */
  dnsNames?: string[];
  /** Networks: `192.0.2.0/24`, `2001:db8::/32`; a single address is `/32` or `/128`. */
  ipRanges?: string[];
  /** A mailbox `a@lab.test`, every mailbox of a host `lab.test`, or of the hosts below it `.lab.test`. */
  emailAddresses?: string[];
}

/** The names that a certificate is asked to have. */
export interface CertifiedNames {
  commonName: string;
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
  emailAddresses: readonly string[];
}

const KINDS = ["dnsNames", "ipRanges", "emailAddresses"] as const;
const IS_SUBTREE: Record<(typeof KINDS)[number], [accepts: (entry: string) => boolean, allowed: string]> = {
  dnsNames: [isDnsName, "a DNS name without a wildcard"],
  ipRanges: [isIpRange, "a network like 192.0.2.0/24"],
  emailAddresses: [
    (entry) => isEmailAddress(entry) || isDnsName(entry.replace(/^\./, "")),
    "a mailbox, a host, or hosts below like .lab.test",
  ],
};

/** What OpenSSL takes for a DNS name of two labels or more (cn2dnsid in crypto/x509/v3_ncons.c). */
const DNS_LIKE = /^\w([\w-]*\w)?(\.\w([\w-]*\w)?)+$/;

/** Every entry that is none of its kind, as path and reason. */
export function constraintProblems(constraints: NameConstraints): { property: string; reason: string }[] {
  const entries = (["permitted", "excluded"] as const).flatMap((side) =>
    KINDS.flatMap((kind) =>
      (constraints[side]?.[kind] ?? []).map((entry, position) => {
        return { property: `${side}.${kind}[${position}]`, kind, entry };
      }),
    ),
  );
  if (entries.length === 0) {
    const reason = "or 'excluded' must have an entry (RFC 5280, 4.2.1.10): leave nameConstraints out for no limit";
    return [{ property: "permitted", reason }];
  }
  return entries.flatMap(({ property, kind, entry }) => {
    const [accepts, allowed] = IS_SUBTREE[kind];
    return accepts(entry) ? [] : [{ property, reason: `must be ${allowed}, got '${entry}'` }];
  });
}

/** The first name that the constraints forbid. Undefined: all of them are allowed. */
export function forbiddenName(constraints: NameConstraints, names: CertifiedNames): string | undefined {
  const { dnsNames, ipAddresses, emailAddresses, commonName } = names;
  // Without a DNS name OpenSSL holds a common name against the DNS constraints if it has the form of one.
  const hosts = dnsNames.length === 0 && DNS_LIKE.test(commonName) ? [commonName] : dnsNames;
  const forbidden = (kind: (typeof KINDS)[number], given: readonly string[], matches: Match) =>
    given.find((name) => {
      const within = (entries: string[]) => entries.some((entry) => matches(name, entry));
      const permitted = constraints.permitted?.[kind] ?? [];
      const excluded = constraints.excluded?.[kind] ?? [];
      // A wildcard also stands for names that are excluded: Go refuses it for them, others do not notice.
      const parent = name.slice(1).toLowerCase();
      const covers = name.startsWith("*.") && excluded.some((entry) => entry.toLowerCase().endsWith(parent));
      return within(excluded) || covers || (permitted.length > 0 && !within(permitted));
    });
  return (
    forbidden("dnsNames", hosts, isInDomain) ??
    forbidden("ipRanges", ipAddresses, isInRange) ??
    forbidden("emailAddresses", emailAddresses, isMailboxOf)
  );
}

type Match = (name: string, entry: string) => boolean;

// Other CAs also write `.lab.test`, for the names below it alone, and an empty one, for every name.
function isInDomain(name: string, domain: string): boolean {
  if (domain === "") return true;
  const [host, parent] = [name.toLowerCase(), domain.toLowerCase()];
  return parent.startsWith(".") ? host.endsWith(parent) : `.${host}`.endsWith(`.${parent}`);
}

function isInRange(address: string, range: string): boolean {
  const [network = "", length] = range.split("/");
  if (isIP(network) !== isIP(address)) return false;
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(length), family);
  return list.check(address, family);
}

function isMailboxOf(mailbox: string, entry: string): boolean {
  const at = mailbox.lastIndexOf("@");
  const [local, host] = [mailbox.slice(0, at + 1), mailbox.slice(at + 1).toLowerCase()];
  // Only the host is the same in capitals (RFC 5280, 7.5).
  if (entry.includes("@")) return entry.startsWith(local) && entry.slice(local.length).toLowerCase() === host;
  return entry.startsWith(".") ? host.endsWith(entry.toLowerCase()) : host === entry.toLowerCase();
}
