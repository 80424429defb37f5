/** Which names a CA may certify (RFC 5280, 4.2.1.10), and what that means for whoever trusts it. */
import type * as asn1js from "asn1js";
import type * as pkijs from "pkijs";

const OID = "2.5.29.30";
/** GeneralName's tags (RFC 5280, 4.2.1.6). */
const KINDS: Readonly<Record<number, string>> = { 1: "email", 2: "DNS", 4: "directory name", 6: "URI", 7: "IP" };

/** Subtrees as text, for example `DNS lab.localhost` and `IP 127.0.0.0/8`. */
export interface NameConstraints {
  /** Whether software that does not know the extension must refuse the certificate. RFC 5280 demands it. */
  critical: boolean;
  permitted: string[];
  excluded: string[];
}

/** `undefined`: the certificate has none. */
export function nameConstraintsOf(certificate: pkijs.Certificate): NameConstraints | undefined {
  const extension = certificate.extensions?.find(({ extnID }) => extnID === OID);
  if (extension === undefined) return undefined;
  const { permittedSubtrees = [], excludedSubtrees = [] } = extension.parsedValue as pkijs.NameConstraints;
  const texts = (subtrees: pkijs.GeneralSubtree[]) => subtrees.map(({ base }) => nameAsText(base));
  return { critical: extension.critical, permitted: texts(permittedSubtrees), excluded: texts(excludedSubtrees) };
}

/**
 * What somebody who has the CA's key can do to whoever trusts it, in one sentence.
 *
 * A kind of name that is not permitted by any subtree is not limited at all: RFC 5280 limits only the kinds that it names.
 */
export function riskOf(constraints: NameConstraints | undefined): string {
  if (!constraints?.critical) {
    return "Warning: it has no critical name constraints, so whoever has its key can impersonate any site to you.";
  }
  const { permitted, excluded } = constraints;
  const limited = (kind: string, all: readonly string[]) => {
    const names = permitted.filter((name) => name.startsWith(`${kind} `));
    const any = all.map((name) => `${kind} ${name}`);
    return (
      (names.length > 0 && !names.some((name) => any.includes(name))) || any.every((name) => excluded.includes(name))
    );
  };
  const open = [
    ...(limited("DNS", [""]) ? [] : ["DNS names"]),
    ...(limited("IP", ["0.0.0.0/0", "::/0"]) ? [] : ["IP addresses"]),
  ];
  const said = Object.entries({ permitted, excluded })
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.join(", ")}`)
    .join("; ");
  if (open.length === 0) return `Critical name constraints limit what its key is good for: ${said}.`;
  return (
    `Warning: its critical name constraints (${said}) leave ${open.join(" and ")} open, ` +
    `so whoever has its key can impersonate any site that you reach by one.`
  );
}

function nameAsText({ type, value }: pkijs.GeneralName): string {
  const kind = KINDS[type] ?? `name of type ${type}`;
  if (type === 7) return `${kind} ${networkAsText(new Uint8Array((value as asn1js.OctetString).getValue()))}`;
  return typeof value === "string" ? `${kind} ${value}` : kind;
}

/** An address and a mask of the same length, as `address/bits`. */
function networkAsText(octets: Uint8Array): string {
  const [address, mask] = [octets.slice(0, octets.length / 2), octets.slice(octets.length / 2)];
  const bits = mask.reduce((sum, octet) => sum + octet.toString(2).replaceAll("0", "").length, 0);
  if (address.length === 4) return `${address.join(".")}/${bits}`;
  const groups = Buffer.from(address).toString("hex").match(/.{4}/g) ?? [];
  return `${new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1)}/${bits}`;
}
