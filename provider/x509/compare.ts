import { createPublicKey, X509Certificate as NodeCertificate } from "node:crypto";
import type { X509Certificate } from "@peculiar/x509";

import type { NameConstraints } from "../../rules/name-constraints.ts";
import type { RawExtension } from "../../rules/raw-extension.ts";
import {
  keyUsageFlags,
  NAME_CONSTRAINTS,
  nameConstraintsDer,
  nameConstraintsFrom,
  purposeOids,
  subjectAltNames,
} from "./extensions.ts";
import { subjectText } from "./issue.ts";
import x509 from "./library.ts";
import { type CertificateRequest, OWN_EXTENSIONS, type Signer, type Validity } from "./request.ts";

/**
 * Parses an issued certificate and returns every difference from what was asked; empty: it says just that.
 * The signature and the link to the issuer are checked by Node's OpenSSL, not by the library that signed.
 */
export function differences(certPem: string, asked: CertificateRequest, signer: Signer, validity: Validity): string[] {
  const cert = new x509.X509Certificate(certPem);
  const basic = cert.getExtension(x509.BasicConstraintsExtension);
  const expected: [what: string, asked: unknown, found: unknown][] = [
    ["subject", subjectText(asked.subject), cert.subject],
    ["public key", spki(asked.publicKeyPem), base64(cert.publicKey.rawData)],
    ["notBefore", validity.notBefore.toISOString(), cert.notBefore.toISOString()],
    ["notAfter", validity.notAfter.toISOString(), cert.notAfter.toISOString()],
    ["basicConstraints CA", asked.isCa, basic?.ca],
    ["basicConstraints pathlen", asked.maxPathLength, basic?.pathLength],
    ["keyUsage", keyUsageFlags(asked.keyUsages), cert.getExtension(x509.KeyUsagesExtension)?.usages],
    [
      "extendedKeyUsage",
      purposeOids(asked.extendedKeyUsages),
      cert.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [],
    ],
    [
      "subjectAltName",
      subjectAltNames(asked),
      cert.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [],
    ],
    ["nameConstraints", plainConstraints(asked.nameConstraints), constraintsOf(cert)],
    ["cRLDistributionPoints", asked.crlDistributionPoints ?? [], crlDistributionPointsOf(cert)],
    ["caIssuers", asked.caIssuers ?? [], accessOf(cert)?.caIssuers.map(({ value }) => value) ?? []],
    ["ocsp", asked.ocspResponders ?? [], accessOf(cert)?.ocsp.map(({ value }) => value) ?? []],
    ["extensions", asked.extensions?.map(plainExtension) ?? [], furtherExtensionsOf(cert)],
  ];
  const wrong = expected
    .filter(([, want, got]) => JSON.stringify(want) !== JSON.stringify(got))
    .map(([what, want, got]) => `${what} is ${JSON.stringify(got)}, asked was ${JSON.stringify(want)}`);

  const parsed = new NodeCertificate(certPem);
  const issuer = new NodeCertificate(signer.certPem ?? certPem);
  if (!parsed.checkIssued(issuer)) wrong.push("its issuer and key identifiers do not point to the signing certificate");
  if (!parsed.verify(issuer.publicKey)) wrong.push("its signature does not verify with the issuer's public key");
  return wrong;
}

/** Without the empty lists that make no difference in a certificate. */
function plainConstraints(constraints: NameConstraints | undefined): unknown {
  return constraints && nameConstraintsFrom(nameConstraintsDer(constraints));
}

function constraintsOf(cert: X509Certificate): NameConstraints | undefined {
  const found = cert.getExtension(NAME_CONSTRAINTS);
  return found ? nameConstraintsFrom(found.value) : undefined;
}

function crlDistributionPointsOf(cert: X509Certificate): string[] {
  const points = cert.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  return points.flatMap(({ distributionPoint }) =>
    (distributionPoint?.fullName ?? []).map((name) => name.uniformResourceIdentifier ?? ""),
  );
}

function accessOf(cert: X509Certificate) {
  return cert.getExtension(x509.AuthorityInfoAccessExtension);
}

function plainExtension({ oid, critical = false, valueBase64 }: RawExtension): unknown {
  return { oid, critical, valueBase64 };
}

function furtherExtensionsOf(cert: X509Certificate): unknown[] {
  return cert.extensions
    .filter(({ type }) => !Object.hasOwn(OWN_EXTENSIONS, type))
    .map(({ type, critical, value }) => plainExtension({ oid: type, critical, valueBase64: base64(value) }));
}

function base64(octets: ArrayBuffer): string {
  return Buffer.from(octets).toString("base64");
}

function spki(publicKeyPem: string): string {
  return createPublicKey(publicKeyPem).export({ type: "spki", format: "der" }).toString("base64");
}
