/** An extension of a certificate by its OID, whatever it means (RFC 5280, 4.2). */
export interface RawExtension {
  /** Dotted, for example `1.3.6.1.5.5.7.1.24`. */
  oid: string;
  /**
   * Whether a verifier that does not know it must refuse the certificate.
   *
   * @default false
   */
  critical?: boolean;
  /** DER of the value, base64. */
  valueBase64: string;
}
