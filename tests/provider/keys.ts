import { generateKeyPairSync } from "node:crypto";

import type { KeyAlgorithm } from "../../rules/key-algorithms.ts";

/** A key, PEM: SubjectPublicKeyInfo and PKCS#8. */
export interface KeyPair {
  publicKeyPem: string;
  privateKeyPem: string;
}

/** Kinds of keys that cost little to make. */
export const QUICK_KEY_ALGORITHMS = ["P-256", "P-384", "P-521", "RSA-2048", "Ed25519"] satisfies KeyAlgorithm[];

/** Makes a key, as the tls provider does. */
export function keyPair(algorithm: KeyAlgorithm = "P-256"): KeyPair {
  const [family, size] = algorithm.split("-");
  const { publicKey, privateKey } =
    family === "RSA"
      ? generateKeyPairSync("rsa", { modulusLength: Number(size) })
      : family === "P"
        ? generateKeyPairSync("ec", { namedCurve: algorithm })
        : generateKeyPairSync("ed25519");
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}
