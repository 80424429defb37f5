/** PEM texts (RFC 7468). Pure, shared by components, provider and command line. */

/** Every certificate in a text, in its order, without what stands between them (RFC 7468, 2). */
export function pemCertificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
