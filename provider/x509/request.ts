import type { NameConstraints } from "../../rules/name-constraints.ts";
import type { RawExtension } from "../../rules/raw-extension.ts";
import type { Subject } from "../../rules/subject.ts";

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
  /** extKeyUsage purposes (4.2.1.12), by name or OID; empty: the extension is left out. */
  extendedKeyUsages: string[];
  /** subjectAltName dNSName entries (4.2.1.6), wildcards allowed in the leftmost label. */
  dnsNames: string[];
  /** subjectAltName iPAddress entries. */
  ipAddresses: string[];
  /** subjectAltName rfc822Name entries. */
  emailAddresses?: string[];
  /** subjectAltName uniformResourceIdentifier entries. */
  uris?: string[];
  /** nameConstraints (4.2.1.10). Only with `isCa`. */
  nameConstraints?: NameConstraints;
  /** cRLDistributionPoints (4.2.1.13): URLs of the issuer's revocation list. */
  crlDistributionPoints?: string[];
  /** authorityInfoAccess caIssuers (4.2.2.1): URLs of the issuer's certificate. */
  caIssuers?: string[];
  /** authorityInfoAccess ocsp (4.2.2.1): URLs of the issuer's OCSP responder. */
  ocspResponders?: string[];
  /** Further extensions, whatever they mean. */
  extensions?: RawExtension[];
}

/** keyUsage bits in the order of RFC 5280, 4.2.1.3. */
export const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** OIDs of the extKeyUsage purposes that have a name (RFC 5280, 4.2.1.12). */
export const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  OCSPSigning: "1.3.6.1.5.5.7.3.9",
  anyExtendedKeyUsage: "2.5.29.37.0",
};

/** Extensions that other parts of a request speak of, by their OID. */
export const OWN_EXTENSIONS: Readonly<Record<string, string>> = {
  "2.5.29.14": "the subject's key",
  "2.5.29.15": "'keyUsages'",
  "2.5.29.17": "'dnsNames', 'ipAddresses', 'emailAddresses' or 'uris'",
  "2.5.29.19": "'isCa' and 'maxPathLength'",
  "2.5.29.30": "'nameConstraints'",
  "2.5.29.31": "'crlDistributionPoints'",
  "2.5.29.35": "the issuer",
  "2.5.29.37": "'extendedKeyUsages'",
  "1.3.6.1.5.5.7.1.1": "'caIssuers' or 'ocspResponders'",
};

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
