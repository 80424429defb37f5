import { createPublicKey, X509Certificate as NodeCertificate } from "node:crypto";

import { keyUsageFlags, subjectAltNames } from "./extensions.ts";
import { nameOf } from "./issue.ts";
import x509 from "./library.ts";
import type { CertificateRequest, Signer, Validity } from "./request.ts";

/**
 * Parses an issued certificate and returns every difference from what was asked; empty: it says just that.
 * The signature and the link to the issuer are checked by Node's OpenSSL, not by the library that signed.
 */
export function differences(certPem: string, asked: CertificateRequest, signer: Signer, validity: Validity): string[] {
  const cert = new x509.X509Certificate(certPem);
  const basic = cert.getExtension(x509.BasicConstraintsExtension);
  const expected: [what: string, asked: unknown, found: unknown][] = [
    ["subject", new x509.Name(nameOf(asked.subject)).toString(), cert.subject],
    ["public key", spki(asked.publicKeyPem), Buffer.from(cert.publicKey.rawData).toString("base64")],
    ["notBefore", validity.notBefore.toISOString(), cert.notBefore.toISOString()],
    ["notAfter", validity.notAfter.toISOString(), cert.notAfter.toISOString()],
    ["basicConstraints CA", asked.isCa, basic?.ca],
    ["basicConstraints pathlen", asked.maxPathLength, basic?.pathLength],
    ["keyUsage", keyUsageFlags(asked.keyUsages), cert.getExtension(x509.KeyUsagesExtension)?.usages],
    [
      "extendedKeyUsage",
      asked.extendedKeyUsages.map((usage) => x509.ExtendedKeyUsage[usage]),
      cert.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [],
    ],
    [
      "subjectAltName",
      subjectAltNames(asked),
      cert.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [],
    ],
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

function spki(publicKeyPem: string): string {
  return createPublicKey(publicKeyPem).export({ type: "spki", format: "der" }).toString("base64");
}
