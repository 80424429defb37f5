import { createHash } from "node:crypto";

/** Every certificate in a text, in order, without what stands between them. */
export function pemCertificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** SHA-256 of a certificate's DER: lower-case hexadecimal, without colons. */
export function sha256Of(certPem: string): string {
  const base64 = certPem.replace(/-----[A-Z ]+-----/g, "");
  return createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex");
}
