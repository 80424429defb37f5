import { randomBytes } from "node:crypto";
import type { Extension, JsonNameParams, Name, X509Certificate } from "@peculiar/x509";

import { attributesOf, type Subject } from "../../rules/subject.ts";
import { extensionsFor } from "./extensions.ts";
import { importPrivateKey, importPublicKey, type Key } from "./keys.ts";
import x509 from "./library.ts";
import type { CertificateRequest, Signer, Validity } from "./request.ts";

/** RFC 5280, 4.1.2.2 allows 20 octets; 16 random ones with the top bit clear cannot collide or turn negative. */
const SERIAL_OCTETS = 16;

/** What signing with a signer needs: its key and what its certificate says. */
interface Prepared {
  key: Key;
  /** Undefined: it signs for itself. */
  issuer?: { name: Name; keyIdentifier: Extension };
}

// One signer may sign thousands of certificates; to read its key and its certificate takes as long as to sign.
const prepared = new WeakMap<Signer, Promise<Prepared>>();

/** Signs a certificate that says what the request asks, and returns it as PEM with a newline at its end. */
export async function issue(request: CertificateRequest, signer: Signer, validity: Validity): Promise<string> {
  if (!prepared.has(signer)) prepared.set(signer, prepare(signer));
  const { key, issuer } = await prepared.get(signer)!;
  const publicKey = await importPublicKey(request.publicKeyPem);
  const subject = new x509.Name(nameOf(request.subject));

  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject,
    issuer: issuer?.name ?? subject,
    ...validity,
    publicKey: publicKey.cryptoKey,
    signingKey: key.cryptoKey,
    signingAlgorithm: key.signing,
    extensions: [
      ...extensionsFor(request),
      await x509.SubjectKeyIdentifierExtension.create(publicKey.cryptoKey),
      // A self-signed one points to itself.
      issuer?.keyIdentifier ?? (await x509.AuthorityKeyIdentifierExtension.create(publicKey.cryptoKey)),
    ],
  });
  return `${cert.toString("pem")}\n`;
}

async function prepare({ privateKeyPem, certPem }: Signer): Promise<Prepared> {
  const key = await importPrivateKey(privateKeyPem);
  if (!certPem) return { key };
  const cert = new x509.X509Certificate(certPem);
  return { key, issuer: { name: cert.subjectName, keyIdentifier: await authorityKeyIdentifier(cert) } };
}

/** A distinguished name as the library writes that of a certificate. */
export function subjectText(subject: Subject): string {
  return new x509.Name(nameOf(subject)).toString();
}

/** A distinguished name as the library takes it. */
export function nameOf(subject: Subject): JsonNameParams {
  // Country is a PrintableString (RFC 5280, appendix A); for the others a CA must use UTF8String (4.1.2.4).
  return attributesOf(subject).map(([type, value]) => ({
    [type]: [type === "C" ? { printableString: value } : { utf8String: value }],
  }));
}

/** The issuer's own identifier, whatever it was made from (RFC 5280, 4.2.1.1). */
export function authorityKeyIdentifier(issuer: X509Certificate): Promise<Extension> | Extension {
  const keyId = issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return keyId
    ? new x509.AuthorityKeyIdentifierExtension(keyId)
    : x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey);
}

function newSerialNumber(): string {
  const octets = randomBytes(SERIAL_OCTETS);
  octets[0] = (octets[0]! & 0x7f) | 0x40; // positive, and always of full length
  return octets.toString("hex");
}
