import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { importPrivateKey, importPublicKey } from "../../../provider/x509/keys.ts";
import { keyPair } from "../keys.ts";

describe("a key", () => {
  it.each([
    ["P-256", { name: "ECDSA", hash: "SHA-256" }],
    ["P-384", { name: "ECDSA", hash: "SHA-384" }],
    ["P-521", { name: "ECDSA", hash: "SHA-512" }],
    ["RSA-2048", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
    ["Ed25519", { name: "Ed25519" }],
  ] as const)("of kind %s is imported, to sign with %j", async (algorithm, signing) => {
    const { privateKeyPem, publicKeyPem } = keyPair(algorithm);

    const [signer, holder] = [await importPrivateKey(privateKeyPem), await importPublicKey(publicKeyPem)];
    expect(signer.signing).toEqual(signing);
    expect([signer, holder].map(({ cryptoKey: { type, usages } }) => [type, usages])).toEqual([
      ["private", ["sign"]],
      ["public", ["verify"]],
    ]);
  });

  it.each([
    [
      "PKCS#1",
      () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }),
    ],
    [
      "SEC 1",
      () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }),
    ],
  ])("may be in %s", async (_, pem) => {
    expect((await importPrivateKey(pem() as string)).cryptoKey.type).toBe("private");
  });

  it.each([
    ["ec secp256k1", () => generateKeyPairSync("ec", { namedCurve: "secp256k1" })],
    ["ed448 ", () => generateKeyPairSync("ed448")],
    ["x25519 ", () => generateKeyPairSync("x25519")],
  ])("of type %s is refused", async (type, make) => {
    const { privateKey, publicKey } = make();
    const sentence = `cannot sign with a key of type ${type}: use RSA, ECDSA on P-256, P-384 or P-521, or Ed25519`;

    await expect(importPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }) as string)).rejects.toThrow(
      sentence,
    );
    await expect(importPublicKey(publicKey.export({ type: "spki", format: "pem" }) as string)).rejects.toThrow(
      sentence,
    );
  });
});
