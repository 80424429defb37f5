import * as tls from "@pulumi/tls";
import * as pulumi from "@pulumi/pulumi";

import type { KeyAlgorithm } from "../rules/key-algorithms.ts";

/** The default of every component. */
export const DEFAULT_KEY_ALGORITHM: KeyAlgorithm = "P-256";

/** What the key is for, as extKeyUsage says it. */
type Purpose = "serverAuth" | "clientAuth";

/** Who takes no such key in a certificate of this purpose, by what was measured with nginx. */
const REFUSED_BY: Record<Purpose, Partial<Record<KeyAlgorithm, string>>> = {
  serverAuth: {
    "P-521": "Chromium does not connect to a server with a P-521 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
    Ed25519: "Chromium does not connect to a server with an Ed25519 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
  },
  clientAuth: {
    "P-521": "Chromium cannot use a P-521 key with TLS 1.2 (ERR_SSL_PROTOCOL_ERROR), only with TLS 1.3",
    Ed25519: "NSS, and so Chromium and Firefox on Linux, cannot import a PKCS#12 file with an Ed25519 key",
  },
};

/** Declares a private key. Its PEM outputs are secrets. */
export function privateKey(name: string, algorithm: KeyAlgorithm, opts: pulumi.CustomResourceOptions): tls.PrivateKey {
  return new tls.PrivateKey(name, argsFor(algorithm), opts);
}

/**
 * An RSA key exchange without forward secrecy needs keyEncipherment of the server (RFC 5280, 4.2.1.3); nothing else does, and
 * a client's certificate must not have it (4.2.1.12).
 */
export function leafKeyUsages(algorithm: KeyAlgorithm, purpose: Purpose): string[] {
  return algorithm.startsWith("RSA") && purpose === "serverAuth"
    ? ["digitalSignature", "keyEncipherment"]
    : ["digitalSignature"];
}

/** Says who takes no such key. */
export function warnOfKey(component: pulumi.Resource, purpose: Purpose, algorithm: KeyAlgorithm): void {
  const refusal = REFUSED_BY[purpose][algorithm];
  if (refusal) void pulumi.log.warn(`'keyAlgorithm' ${algorithm}: ${refusal}`, component);
}

function argsFor(algorithm: KeyAlgorithm): tls.PrivateKeyArgs {
  const [family, size] = algorithm.split("-");
  switch (family) {
    case "RSA":
      return { algorithm: "RSA", rsaBits: Number(size) };
    case "P":
      return { algorithm: "ECDSA", ecdsaCurve: `P${size}` };
    default:
      return { algorithm: "ED25519" };
  }
}
