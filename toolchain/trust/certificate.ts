import { createHash, X509Certificate } from "node:crypto";

import { causeOf, Failure } from "../failure.ts";
import { pemCertificates } from "../../rules/pem.ts";
import { type ConstraintTexts, nameConstraintsOf } from "./name-constraints.ts";

/** A certificate that stores are to trust. */
export interface RootCertificate {
  pem: string;
  /** The name in one line, `CN=…, O=…`. */
  subject: string;
  commonName: string;
  /** Of the DER; lower-case hexadecimal. */
  sha256: string;
  /** ISO 8601, UTC. */
  notAfter: string;
  /** Missing where it has none. */
  nameConstraints?: ConstraintTexts;
}

/**
 * The CA certificates of a file: two or more while one takes over from another.
 *
 * @param text of the file, PEM.
 * @param path of the file, for the message.
 * @throws {Failure} where it has none, or one that is no CA's.
 */
export function rootCertificates(text: string, path: string): RootCertificate[] {
  const blocks = pemCertificates(text);
  if (blocks.length === 0) throw new Failure(`${path} holds no certificate: npm run up writes it anew`);
  return blocks.map((pem) => {
    const cert = parse(pem, path);
    const attributes = cert.subject.split("\n").reverse(); // the most telling one first
    const subject = attributes.join(", ");
    if (!cert.ca) throw new Failure(`${path} holds the certificate of no CA, ${subject}: npm run up writes it anew`);
    return {
      pem,
      subject,
      commonName: attributes.find((attribute) => attribute.startsWith("CN="))?.slice(3) ?? subject,
      sha256: cert.fingerprint256.replaceAll(":", "").toLowerCase(),
      notAfter: new Date(cert.validTo).toISOString(),
      nameConstraints: nameConstraintsOf(cert.raw),
    };
  });
}

/**
 * What a certificate is called in every store. The digits tell two checkouts apart, whose stacks have the same names.
 * ASCII: what a program makes of other letters in its arguments depends on the locale.
 */
export function labelOf({ commonName, sha256 }: RootCertificate, stack: string): string {
  return `mtls-lab ${stack} ${commonName} ${sha256.slice(0, 8)}`.replace(/[^\w .-]+/g, "-");
}

function parse(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Failure(`${path} holds a certificate that cannot be read (${causeOf(error)}): npm run up writes it anew`);
  }
}

/** SHA-256 of a certificate's DER: lower-case hexadecimal, without colons. */
export function sha256Of(certPem: string): string {
  const base64 = certPem.replace(/-----[A-Z ]+-----/g, "");
  return createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex");
}
