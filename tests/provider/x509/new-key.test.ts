import { describe, expect, it } from "@jest/globals";

import { newKeyPair } from "../../../provider/x509/new-key.ts";
import type { KeyAlgorithm } from "../../../rules/key-algorithms.ts";
import { openssl } from "../../openssl.ts";

describe("newKeyPair", () => {
  it.each<[KeyAlgorithm, RegExp]>([
    ["P-256", /NIST CURVE: P-256/],
    ["P-384", /NIST CURVE: P-384/],
    ["P-521", /NIST CURVE: P-521/],
    ["RSA-2048", /Private-Key: \(2048 bit, 2 primes\)/],
    ["RSA-3072", /Private-Key: \(3072 bit, 2 primes\)/],
    ["RSA-4096", /Private-Key: \(4096 bit, 2 primes\)/],
    ["Ed25519", /ED25519 Private-Key/],
  ])("makes a key that OpenSSL calls %s, as PKCS#8, with its public half", async (algorithm, words) => {
    const { privateKeyPem, publicKeyPem } = await newKeyPair(algorithm);

    expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
    expect(openssl(["pkey", "-noout", "-text"], privateKeyPem)).toMatch(words);
    expect(openssl(["pkey", "-pubout"], privateKeyPem)).toBe(publicKeyPem);
  });

  it("never makes the same key twice", async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => newKeyPair("P-256")));

    expect(new Set(keys.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(20);
  });
});
