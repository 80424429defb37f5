import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import type { KeyAlgorithm } from "../../rules/key-algorithms.ts";

const generate = promisify(generateKeyPair);

/** A key, PEM: SubjectPublicKeyInfo and PKCS#8. */
export interface KeyPair {
  publicKeyPem: string;
  privateKeyPem: string;
}

/** Makes a key, outside the thread that runs JavaScript. */
export async function newKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  const { publicKey, privateKey } = await keysOf(algorithm);
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function keysOf(algorithm: KeyAlgorithm) {
  const [family, size] = algorithm.split("-");
  switch (family) {
    case "RSA":
      return generate("rsa", { modulusLength: Number(size) });
    case "P":
      return generate("ec", { namedCurve: algorithm });
    default:
      return generate("ed25519");
  }
}
