/** What a PEM text encodes. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
}

/** The certificates of a chain, one by one. */
export function certificatesOf(chainPem: string): string[] {
  return chainPem.split(/(?<=-----END CERTIFICATE-----\n)(?=-)/);
}
