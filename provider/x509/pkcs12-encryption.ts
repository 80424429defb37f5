/** The two ways to encrypt with a password that PKCS#12 files use. */
import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { type BaseBlock, Integer, Null, OctetString, Sequence } from "asn1js";
import * as pkijs from "pkijs";

import { deriveOctets } from "./pkcs12-kdf.ts";

/** What was encrypted, and what must be known beside the password to read it. */
export interface Encrypted {
  algorithm: pkijs.AlgorithmIdentifier;
  content: OctetString;
}

/** Encrypts with a key made of the password and a random salt. */
export type Encryption = (content: Buffer, password: string, iterations: number) => Encrypted;

// pkijs can do this too, but always with a salt of 64 octets, and Windows refuses such a file. It takes up to 32
// (PeculiarVentures/PKI.js#300); OpenSSL since 3.2 writes 16.
const PBES2_SALT_OCTETS = 16;

/** PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018, 6.2). */
export const pbes2: Encryption = (content, password, iterations) => {
  const salt = randomBytes(PBES2_SALT_OCTETS);
  const iv = randomBytes(16);
  const key = pbkdf2Sync(password, salt, iterations, 32, "sha256");

  const prf = algorithm("1.2.840.113549.2.9", new Null()); // hmacWithSHA256
  const pbkdf2 = new pkijs.PBKDF2Params({ salt: new OctetString({ valueHex: salt }), iterationCount: iterations, prf });
  const parameters = new pkijs.PBES2Params({
    keyDerivationFunc: algorithm("1.2.840.113549.1.5.12", pbkdf2.toSchema()),
    encryptionScheme: algorithm("2.16.840.1.101.3.4.1.42", new OctetString({ valueHex: iv })), // aes256-CBC-PAD
  });
  return {
    algorithm: algorithm("1.2.840.113549.1.5.13", parameters.toSchema()),
    content: encrypted("aes-256-cbc", key, iv, content),
  };
};

/** As OpenSSL writes it: those who read such files have seen no other for decades. */
const TRIPLE_DES_SALT_OCTETS = 8;

/** pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292, appendix C). */
export const tripleDes: Encryption = (content, password, iterations) => {
  const salt = randomBytes(TRIPLE_DES_SALT_OCTETS);
  const origin = { hashAlgorithm: "sha1" as const, password, salt, iterations };
  const [key, iv] = [deriveOctets("key", 24, origin), deriveOctets("iv", 8, origin)];

  const parameters = new Sequence({ value: [new OctetString({ valueHex: salt }), new Integer({ value: iterations })] });
  return {
    algorithm: algorithm("1.2.840.113549.1.12.1.3", parameters),
    content: encrypted("des-ede3-cbc", key, iv, content),
  };
};

function encrypted(cipher: string, key: Buffer, iv: Buffer, content: Buffer): OctetString {
  const writer = createCipheriv(cipher, key, iv);
  return new OctetString({ valueHex: Buffer.concat([writer.update(content), writer.final()]) });
}

function algorithm(algorithmId: string, algorithmParams: BaseBlock): pkijs.AlgorithmIdentifier {
  return new pkijs.AlgorithmIdentifier({ algorithmId, algorithmParams });
}
