import { X509Certificate } from "node:crypto";

/**
 * The certificates of a PEM text, in its order. Other text is skipped (RFC 7468, 2).
 *
 * @throws for the first that cannot be read.
 */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block, position) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`must be certificates in PEM, got ${blocks.length}, of which number ${position + 1} is damaged`);
    }
  });
}
