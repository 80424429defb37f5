import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";

/** Hash that goes with a key: the strength of the digest follows the strength of the key (RFC 5480, 4). */
const CURVES: Record<string, { namedCurve: string; hash: string }> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

/** A WebCrypto key, ready for use, and the algorithm to sign with. */
export interface Key {
  cryptoKey: webcrypto.CryptoKey;
  signing: { name: string; hash?: string };
}

/** Imports a PEM private key (PKCS#8, PKCS#1 or SEC 1) for signing. */
export function importPrivateKey(pem: string): Promise<Key> {
  const key = createPrivateKey(pem);
  return importKey(key, "pkcs8", key.export({ type: "pkcs8", format: "der" }), ["sign"]);
}

/** Imports a PEM public key (SubjectPublicKeyInfo). */
export function importPublicKey(pem: string): Promise<Key> {
  const key = createPublicKey(pem);
  return importKey(key, "spki", key.export({ type: "spki", format: "der" }), ["verify"]);
}

async function importKey(
  key: KeyObject,
  format: "pkcs8" | "spki",
  der: Buffer,
  usages: webcrypto.KeyUsage[],
): Promise<Key> {
  const algorithm = algorithmOf(key);
  const cryptoKey = await webcrypto.subtle.importKey(format, new Uint8Array(der), algorithm, true, usages);
  return { cryptoKey, signing: { name: algorithm.name, hash: algorithm.hash } };
}

/** How WebCrypto signs with a key. Throws for one of a kind that no certificate of ours is signed with. */
export function algorithmOf(key: KeyObject): { name: string; namedCurve?: string; hash?: string } {
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    case "ec":
      if (curve) return { name: "ECDSA", ...curve };
      break;
    case "ed25519":
      return { name: "Ed25519" };
  }
  throw new Error(
    `cannot sign with a key of type ${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? ""}: ` +
      "use RSA, ECDSA on P-256, P-384 or P-521, or Ed25519",
  );
}
