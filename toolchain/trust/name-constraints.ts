/** Which names a CA may certify (RFC 5280, 4.2.1.10), and what that means for whoever trusts it. */
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  Certificate,
  type GeneralName,
  type GeneralSubtree,
  id_ce_nameConstraints,
  NameConstraints,
} from "@peculiar/asn1-x509";

/** What kinds of names are called here; the others by their tag (RFC 5280, 4.2.1.6). */
const KINDS: Record<keyof GeneralName, string> = {
  otherName: "name of type 0",
  rfc822Name: "email",
  dNSName: "DNS",
  x400Address: "name of type 3",
  directoryName: "directory name",
  ediPartyName: "name of type 5",
  uniformResourceIdentifier: "URI",
  iPAddress: "IP",
  registeredID: "name of type 8",
};

/** Subtrees of every kind as text, for example `DNS lab.localhost` and `IP 127.0.0.0/8`. */
export interface ConstraintTexts {
  /** Whether software that does not know the extension must refuse the certificate. RFC 5280 demands it. */
  critical: boolean;
  permitted: string[];
  excluded: string[];
}

/** Reads them from a certificate, DER. `undefined`: it has none. */
export function nameConstraintsOf(der: Buffer): ConstraintTexts | undefined {
  const { extensions = [] } = AsnConvert.parse(der, Certificate).tbsCertificate;
  const extension = extensions.find(({ extnID }) => extnID === id_ce_nameConstraints);
  if (extension === undefined) return undefined;
  const { permittedSubtrees = [], excludedSubtrees = [] } = AsnConvert.parse(extension.extnValue, NameConstraints);
  return {
    critical: extension.critical,
    permitted: Array.from(permittedSubtrees, subtreeAsText),
    excluded: Array.from(excludedSubtrees, subtreeAsText),
  };
}

/**
 * What somebody who has the CA's key can do to whoever trusts it, in one sentence.
 *
 * A kind of name that is not permitted by any subtree is not limited at all: RFC 5280 limits only the kinds that it names.
 */
export function riskOf(constraints: ConstraintTexts | undefined): string {
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

function subtreeAsText({ base }: GeneralSubtree): string {
  const [kind, value] = Object.entries(base).find(([, choice]) => choice !== undefined) as [keyof GeneralName, unknown];
  return typeof value === "string" ? `${KINDS[kind]} ${value}` : KINDS[kind];
}
