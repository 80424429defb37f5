/** Who a CA is: a name and a key, whatever certificate says so. */
import { createHash, X509Certificate } from "node:crypto";

import { isKnown, type Properties } from "./resource-type.ts";

/** Its distinguished name in one line, most general part first. Empty where it has none. */
export function subjectOf(cert: X509Certificate): string {
  return inOneLine(cert.subject);
}

/** The same of the CA that issued it. */
export function issuerOf(cert: X509Certificate): string {
  return inOneLine(cert.issuer);
}

// Of an empty name, Node.js says undefined.
function inOneLine(name: string | undefined = ""): string {
  return name.replaceAll("\n", ", ");
}

/** Whether two PEM certificates are of one CA: what one of them has signed is valid below the other. */
export function isSameCa(aPem: string, bPem: string): boolean {
  const [a, b] = [new X509Certificate(aPem), new X509Certificate(bPem)];
  return a.subject === b.subject && a.publicKey.equals(b.publicKey);
}

/**
 * Whether an issuer is the same CA as before: one that renews its certificate with the same name and key leaves valid what it
 * has signed. One that only the update will know is taken for renewed if its key stays, or is away.
 */
export function isSameIssuer(olds: Properties, news: Properties): boolean {
  if (!olds.issuerCertPem || !news.issuerCertPem) return false;
  if (isKnown(news.issuerCertPem)) return isSameCa(olds.issuerCertPem as string, news.issuerCertPem as string);
  return [olds.issuerPrivateKeyPem, undefined].includes(news.issuerPrivateKeyPem);
}

/** A short name of its public key: the same for every certificate of it. */
export function keyIdOf(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 32);
}
