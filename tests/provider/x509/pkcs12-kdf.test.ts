import { describe, expect, it } from "@jest/globals";

import { deriveOctets } from "../../../provider/x509/pkcs12-kdf.ts";

/**
 * The only published vectors, "Test Vectors set 1" and "set 2" of the OpenSSL PKCS#12 Program FAQ by S. Henson, author
 * of its implementation; Bouncy Castle and Apple's Security test with them as well. RFC 7292 has none.
 */
const VECTORS: [string, number, "key" | "iv" | "mac", string, string][] = [
  ["smeg", 1, "key", "0A58CF64530D823F", "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"],
  ["smeg", 1, "iv", "0A58CF64530D823F", "79993DFE048D3B76"],
  ["smeg", 1, "key", "642B99AB44FB4B1F", "F3A95FEC48D7711E985CFE67908C5AB79FA3D7C5CAA5D966"],
  ["smeg", 1, "iv", "642B99AB44FB4B1F", "C0A38D64A79BEA1D"],
  ["smeg", 1, "mac", "3D83C0E4546AC140", "8D967D88F6CAA9D714800AB3D48051D63F73A312"],
  ["queeg", 1000, "key", "05DEC959ACFF72F7", "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"],
  ["queeg", 1000, "iv", "05DEC959ACFF72F7", "11DEDAD7758D4860"],
  ["queeg", 1000, "key", "1682C0FC5B3F7EC5", "483DD6E919D7DE2E8E648BA8F862F3FBFBDC2BCB2C02957F"],
  ["queeg", 1000, "iv", "1682C0FC5B3F7EC5", "9D461D1B00355C50"],
  ["queeg", 1000, "mac", "263216FCC2FAB31C", "5EC4C7A80DF652294C3925B6489A7AB857C83476"],
];

describe("the key derivation of PKCS#12", () => {
  it.each(VECTORS)("makes of %s, hashed %i times, the %s that was published for salt %s", (...vector) => {
    const [password, iterations, purpose, salt, octets] = vector;
    const origin = { hashAlgorithm: "sha1" as const, password, salt: Buffer.from(salt, "hex"), iterations };

    expect(
      deriveOctets(purpose, octets.length / 2, origin)
        .toString("hex")
        .toUpperCase(),
    ).toBe(octets);
  });
});
