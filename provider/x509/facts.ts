import { X509Certificate } from "node:crypto";

/** What the rest of the stack wants to know of an issued certificate. */
export interface CertificateFacts {
  /** Upper-case hexadecimal, as nginx's `$ssl_client_serial` and `openssl x509 -serial` print it. */
  serialNumber: string;
  /** ISO 8601, UTC. */
  notBefore: string;
  /** ISO 8601, UTC. */
  notAfter: string;
  /** SHA-256 of the DER, upper-case hexadecimal with colons, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprintSha256: string;
}

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
