/** Who a CA is: a name and a key, whatever certificate says so. */
import { createHash, X509Certificate } from "node:crypto";

/** Its distinguished name in one line, most general part first. */
export function subjectOf(cert: X509Certificate): string {
  return cert.subject.split("\n").join(", ");
}

/** Whether two PEM certificates are of one CA: what one of them has signed is valid below the other. */
export function isSameCa(aPem: string, bPem: string): boolean {
  const [a, b] = [new X509Certificate(aPem), new X509Certificate(bPem)];
  return a.subject === b.subject && a.publicKey.equals(b.publicKey);
}

/** A short name of its public key: the same for every certificate of it. */
export function keyIdOf(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 32);
}
