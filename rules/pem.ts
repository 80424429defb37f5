/** PEM texts (RFC 7468). Pure, shared by components, provider and command line. */

/** Every certificate in a text, in its order, without what stands between them (RFC 7468, 2). */
export function pemCertificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Every revocation list in a text, in its order (RFC 7468, 9). */
export function pemRevocationLists(text: string): string[] {
  return text.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g) ?? [];
}
