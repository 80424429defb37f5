/** What a certificate is asked to say. Plain data, with the words of RFC 5280. */
export interface CertificateRequest {
  subject: Subject;
  /** Subject public key, PEM (SubjectPublicKeyInfo). */
  publicKeyPem: string;
  /** basicConstraints cA (RFC 5280, 4.2.1.9). */
  isCa: boolean;
  /** pathLenConstraint; left out: no limit. Only with `isCa`. */
  maxPathLength?: number;
  /** keyUsage bits (4.2.1.3). */
  keyUsages: KeyUsage[];
  /** extKeyUsage purposes (4.2.1.12); empty: the extension is left out. */
  extendedKeyUsages: ExtendedKeyUsage[];
  /** subjectAltName dNSName entries (4.2.1.6), wildcards allowed in the leftmost label. */
  dnsNames: string[];
  /** subjectAltName iPAddress entries. */
  ipAddresses: string[];
}

/** A distinguished name, in the order in which it is written. */
export interface Subject {
  country?: string;
  province?: string;
  locality?: string;
  organization?: string;
  organizationalUnit?: string;
  commonName: string;
}

export const KEY_USAGES = ["digitalSignature", "keyEncipherment", "keyCertSign", "cRLSign"] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export const EXTENDED_KEY_USAGES = ["serverAuth", "clientAuth"] as const;
export type ExtendedKeyUsage = (typeof EXTENDED_KEY_USAGES)[number];

/** The key and certificate that sign. Without a certificate the result is self-signed. */
export interface Signer {
  privateKeyPem: string;
  certPem?: string;
}

/** Start and end of a certificate, both included (RFC 5280, 4.1.2.5). Whole seconds. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}
