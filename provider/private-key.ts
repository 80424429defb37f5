import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";

import { subjectOf } from "./ca-identity.ts";
import { encodingProblem } from "./pem.ts";
import type { Problem } from "./resource-type.ts";
import { algorithmOf } from "./x509/keys.ts";

/** PKCS#8 says it in its label, the older forms in a header (RFC 1421, 4.6.1.1). */
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED$/m;

/** What is wrong with a private key that should belong to a certificate. Never says what was got: it may be a key. */
export function keyProblem(property: string, pem: string, cert: X509Certificate): Problem[] {
  const reason = unreadableReason(pem) ?? unfitReason(createPrivateKey(pem), cert);
  return reason === undefined ? [] : [{ property, reason }];
}

function unreadableReason(pem: string): string | undefined {
  const reason = encodingProblem(pem, "PRIVATE KEY");
  if (reason) return reason;
  if (ENCRYPTED.test(pem)) {
    return "must be a key without a passphrase: decrypt it with `openssl pkey -in ca.key -out ca-plain.key`";
  }
  try {
    createPrivateKey(pem);
    return undefined;
  } catch {
    return "must be a private key in PEM without a passphrase (PKCS#8, PKCS#1 or SEC 1)";
  }
}

function unfitReason(key: KeyObject, cert: X509Certificate): string | undefined {
  if (!createPublicKey(key).equals(cert.publicKey)) {
    return `must be the key of '${subjectOf(cert)}', got another one`;
  }
  try {
    algorithmOf(key);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
