import { X509Certificate } from "node:crypto";

import type { CertificateFacts } from "../../rules/issued-certificate.ts";

/** Reads the facts from a PEM certificate. */
export function factsOf(certPem: string): CertificateFacts {
  const cert = new X509Certificate(certPem);
  return {
    serialNumber: cert.serialNumber,
    notBefore: new Date(cert.validFrom).toISOString(),
    notAfter: new Date(cert.validTo).toISOString(),
    fingerprintSha256: cert.fingerprint256,
  };
}
