import { X509Certificate } from "node:crypto";

import { pemCertificates } from "../../rules/pem.ts";

/**
 * The certificates of a PEM text, in its order. Other text is skipped (RFC 7468, 2).
 *
 * @throws for the first that cannot be read.
 */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pemCertificates(pem);
  return blocks.map((block, position) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`must be certificates in PEM, got ${blocks.length}, of which number ${position + 1} is damaged`);
    }
  });
}
