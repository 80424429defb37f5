import * as tls from "@pulumi/tls";
import type * as pulumi from "@pulumi/pulumi";

import type { KeyAlgorithm } from "../rules/key-algorithms.ts";

/** The default of every component. */
export const DEFAULT_KEY_ALGORITHM: KeyAlgorithm = "P-256";

/** Declares a private key. Its PEM outputs are secrets. */
export function privateKey(name: string, algorithm: KeyAlgorithm, opts: pulumi.CustomResourceOptions): tls.PrivateKey {
  return new tls.PrivateKey(name, argsFor(algorithm), opts);
}

/**
 * An RSA key exchange without forward secrecy needs keyEncipherment of the server (RFC 5280, 4.2.1.3); nothing else does, and
 * a client's certificate must not have it (4.2.1.12).
 */
export function leafKeyUsages(algorithm: KeyAlgorithm, purpose: "serverAuth" | "clientAuth"): string[] {
  return algorithm.startsWith("RSA") && purpose === "serverAuth"
    ? ["digitalSignature", "keyEncipherment"]
    : ["digitalSignature"];
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
