import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints as Asn1NameConstraints,
} from "@peculiar/asn1-x509";
import { AsnConvert } from "@peculiar/asn1-schema";
import type { Extension, JsonGeneralName, KeyUsageFlags } from "@peculiar/x509";

import type { NameConstraints, NameSubtrees } from "../../rules/name-constraints.ts";
import x509 from "./library.ts";
import { type CertificateRequest, EXTENDED_KEY_USAGES, KEY_USAGES, type KeyUsage } from "./request.ts";

/** OID of nameConstraints. */
export const NAME_CONSTRAINTS = "2.5.29.30";

/** The keyUsage extension's bits: the first usage is the lowest (RFC 5280, 4.2.1.3). */
export function keyUsageFlags(usages: KeyUsage[]): KeyUsageFlags {
  return usages.reduce<number>((flags, usage) => flags | (1 << KEY_USAGES.indexOf(usage)), 0);
}

/** The OIDs of extKeyUsage purposes. */
export function purposeOids(usages: string[]): string[] {
  return usages.map((usage) => EXTENDED_KEY_USAGES[usage] ?? usage);
}

/** The subjectAltName entries, DNS names first. */
export function subjectAltNames(request: CertificateRequest): JsonGeneralName[] {
  const { dnsNames, ipAddresses, emailAddresses = [], uris = [] } = request;
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...emailAddresses.map((value) => ({ type: "email" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
  ];
}

/** The value of nameConstraints, DER. */
export function nameConstraintsDer({ permitted, excluded }: NameConstraints): ArrayBuffer {
  return AsnConvert.serialize(
    new Asn1NameConstraints({ permittedSubtrees: subtrees(permitted), excludedSubtrees: subtrees(excluded) }),
  );
}

/** nameConstraints as plain data, from its value. Kinds of names that have no field of ours are left out. */
export function nameConstraintsFrom(der: ArrayBuffer): NameConstraints {
  const { permittedSubtrees, excludedSubtrees } = AsnConvert.parse(der, Asn1NameConstraints);
  return { permitted: subtreesFrom(permittedSubtrees), excluded: subtreesFrom(excludedSubtrees) };
}

/** The extensions that the request alone decides; key identifiers come with the keys. */
export function extensionsFor(request: CertificateRequest): Extension[] {
  const names = subjectAltNames(request);
  const { crlDistributionPoints = [], caIssuers = [], ocspResponders = [], nameConstraints, extensions = [] } = request;
  return [
    new x509.BasicConstraintsExtension(request.isCa, request.maxPathLength, true),
    new x509.KeyUsagesExtension(keyUsageFlags(request.keyUsages), true),
    ...when(request.extendedKeyUsages, (usages) => new x509.ExtendedKeyUsageExtension(purposeOids(usages))),
    ...when(names, () => new x509.SubjectAlternativeNameExtension(names)),
    // Critical, or a verifier that does not know it would certify what is forbidden (RFC 5280, 4.2.1.10).
    ...(nameConstraints ? [new x509.Extension(NAME_CONSTRAINTS, true, nameConstraintsDer(nameConstraints))] : []),
    ...when(crlDistributionPoints, (urls) => new x509.CRLDistributionPointsExtension(urls)),
    ...when([...caIssuers, ...ocspResponders], () => accessTo(caIssuers, ocspResponders)),
    ...extensions.map(
      ({ oid, critical = false, valueBase64 }) => new x509.Extension(oid, critical, Buffer.from(valueBase64, "base64")),
    ),
  ];
}

function when<T>(values: T[], make: (values: T[]) => Extension): Extension[] {
  return values.length > 0 ? [make(values)] : [];
}

function accessTo(caIssuers: string[], ocsp: string[]): Extension {
  const urls = (values: string[]) => values.map((value) => new x509.GeneralName("url", value));
  return new x509.AuthorityInfoAccessExtension({
    ...(caIssuers.length > 0 ? { caIssuers: urls(caIssuers) } : {}),
    ...(ocsp.length > 0 ? { ocsp: urls(ocsp) } : {}),
  });
}

function subtrees({ dnsNames = [], ipRanges = [], emailAddresses = [] }: NameSubtrees = {}) {
  const names = [
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...ipRanges.map((iPAddress) => new GeneralName({ iPAddress })),
    ...emailAddresses.map((rfc822Name) => new GeneralName({ rfc822Name })),
  ];
  if (names.length === 0) return undefined;
  return new GeneralSubtrees(names.map((base) => new GeneralSubtree({ base })));
}

function subtreesFrom(found: GeneralSubtrees | undefined): NameSubtrees | undefined {
  if (!found) return undefined;
  const of = (kind: "dNSName" | "iPAddress" | "rfc822Name") => {
    const values = found.flatMap(({ base }) => base[kind] ?? []);
    return values.length > 0 ? values : undefined;
  };
  return { dnsNames: of("dNSName"), ipRanges: of("iPAddress"), emailAddresses: of("rfc822Name") };
}
