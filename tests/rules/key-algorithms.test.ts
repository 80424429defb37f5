import { expect, it } from "@jest/globals";

import { KEY_ALGORITHMS, leafKeyUsages } from "../../rules/key-algorithms.ts";

it("only an RSA key of a leaf may encipher keys", () => {
  const usages = KEY_ALGORITHMS.map((algorithm) => [algorithm, leafKeyUsages(algorithm)]);

  expect(Object.fromEntries(usages)).toEqual({
    "P-256": ["digitalSignature"],
    "P-384": ["digitalSignature"],
    "P-521": ["digitalSignature"],
    "RSA-2048": ["digitalSignature", "keyEncipherment"],
    "RSA-3072": ["digitalSignature", "keyEncipherment"],
    "RSA-4096": ["digitalSignature", "keyEncipherment"],
    Ed25519: ["digitalSignature"],
  });
});
