/** What there is to know of an issued certificate. Plain data, shared by components and provider. */

/** What its own text says. */
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

/** The certificate as the state keeps it. */
export interface IssuedCertificate extends CertificateFacts {
  /** The certificate, PEM, ending in a newline. */
  certPem: string;
  /** When it was signed. ISO 8601, UTC. */
  issuedAt: string;
}
