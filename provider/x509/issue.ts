import { randomBytes } from "node:crypto";
import type { Extension, JsonNameParams, X509Certificate } from "@peculiar/x509";

import { extensionsFor } from "./extensions.ts";
import { importPrivateKey, importPublicKey } from "./keys.ts";
import x509 from "./library.ts";
import type { CertificateRequest, Signer, Subject, Validity } from "./request.ts";

/** RFC 5280, 4.1.2.2 allows 20 octets; 16 random ones with the top bit clear cannot collide or turn negative. */
const SERIAL_OCTETS = 16;

/** Signs a certificate that says what the request asks, and returns it as PEM with a newline at its end. */
export async function issue(request: CertificateRequest, signer: Signer, validity: Validity): Promise<string> {
  const publicKey = await importPublicKey(request.publicKeyPem);
  const signingKey = await importPrivateKey(signer.privateKeyPem);
  const subject = new x509.Name(nameOf(request.subject));
  const issuerCert = signer.certPem ? new x509.X509Certificate(signer.certPem) : undefined;

  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject,
    issuer: issuerCert ? issuerCert.subjectName : subject,
    ...validity,
    publicKey: publicKey.cryptoKey,
    signingKey: signingKey.cryptoKey,
    signingAlgorithm: signingKey.signing,
    extensions: [
      ...extensionsFor(request),
      await x509.SubjectKeyIdentifierExtension.create(publicKey.cryptoKey),
      await (issuerCert
        ? authorityKeyIdentifier(issuerCert)
        : x509.AuthorityKeyIdentifierExtension.create(publicKey.cryptoKey)), // a self-signed one points to itself
    ],
  });
  return `${cert.toString("pem")}\n`;
}

/** A distinguished name as the library writes that of a certificate. */
export function subjectText(subject: Subject): string {
  return new x509.Name(nameOf(subject)).toString();
}

/** The name's attributes in X.500 order, as openssl's configuration files write them. */
export function nameOf(subject: Subject): JsonNameParams {
  const attributes: [string, string | undefined][] = [
    ["C", subject.country],
    ["ST", subject.province],
    ["L", subject.locality],
    ["O", subject.organization],
    ["OU", subject.organizationalUnit],
    ["CN", subject.commonName],
  ];
  // Country is a PrintableString (RFC 5280, appendix A); for the others a CA must use UTF8String (4.1.2.4).
  return attributes
    .filter(([, value]) => value)
    .map(([type, value]) => ({ [type]: [type === "C" ? { printableString: value! } : { utf8String: value! }] }));
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
