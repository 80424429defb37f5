import type { Extension, JsonGeneralName, KeyUsageFlags } from "@peculiar/x509";

import x509 from "./library.ts";
import type { CertificateRequest, KeyUsage } from "./request.ts";

/** The library's bit for each keyUsage. */
const KEY_USAGE_FLAGS: Record<KeyUsage, KeyUsageFlags> = {
  digitalSignature: x509.KeyUsageFlags.digitalSignature,
  keyEncipherment: x509.KeyUsageFlags.keyEncipherment,
  keyCertSign: x509.KeyUsageFlags.keyCertSign,
  cRLSign: x509.KeyUsageFlags.cRLSign,
};

/** The keyUsage extension's bits. */
export function keyUsageFlags(usages: KeyUsage[]): KeyUsageFlags {
  return usages.reduce<number>((flags, usage) => flags | KEY_USAGE_FLAGS[usage], 0);
}

/** The subjectAltName entries, DNS names first. */
export function subjectAltNames({ dnsNames, ipAddresses }: CertificateRequest): JsonGeneralName[] {
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
}

/** The extensions that the request alone decides; key identifiers come with the keys. */
export function extensionsFor(request: CertificateRequest): Extension[] {
  const names = subjectAltNames(request);
  return [
    new x509.BasicConstraintsExtension(request.isCa, request.maxPathLength, true),
    new x509.KeyUsagesExtension(keyUsageFlags(request.keyUsages), true),
    ...(request.extendedKeyUsages.length > 0
      ? [new x509.ExtendedKeyUsageExtension(request.extendedKeyUsages.map((usage) => x509.ExtendedKeyUsage[usage]))]
      : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}
