import type { CertificateInputs } from "../resources/certificate.ts";
import type { KeyAlgorithm } from "../rules/key-algorithms.ts";
import type { RawExtension } from "../rules/raw-extension.ts";

/** Arguments that every certificate has. */
export interface CertificateArgs {
  /** @default "P-256" */
  keyAlgorithm?: KeyAlgorithm;

  /**
   * When it begins: a moment (`2030-01-31T00:00:00Z`), or a span from the moment of issue (`-5m`, `+24h`, `-400d`). With a
   * fixed moment, or where it is over when it is issued, it is never renewed by itself.
   *
   * @default "-5m", for clocks that lag
   */
  notBefore?: string;

  /**
   * A moment (`2026-01-31T12:00:00Z`): if the certificate was issued before it, the first update after it renews it,
   * with the same key.
   *
   * @default - renewed only when it is due
   */
  renewedAt?: string;

  /**
   * Further extensions by OID, with the DER of their value in base64.
   *
   * @default - none
   */
  extensions?: RawExtension[];
}

/** Arguments of a CA, for what it signs. */
export interface IssuerArgs {
  /**
   * cRLDistributionPoints of the certificates that it signs: URLs of its revocation list (RFC 5280, 4.2.1.13).
   *
   * @default - none
   */
  crlDistributionPoints?: string[];

  /**
   * authorityInfoAccess caIssuers of the certificates that it signs: URLs of its own certificate (RFC 5280, 4.2.2.1).
   *
   * @default - none
   */
  caIssuers?: string[];

  /**
   * authorityInfoAccess ocsp of the certificates that it signs: URLs of its OCSP responder (RFC 5280, 4.2.2.1).
   *
   * @default - none
   */
  ocspResponders?: string[];
}

/** The inputs that these arguments are. */
export function asked({ notBefore, renewedAt, extensions }: CertificateArgs) {
  return { notBefore, renewedAt, extensions } satisfies Partial<CertificateInputs>;
}
