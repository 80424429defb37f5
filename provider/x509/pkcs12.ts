/** PKCS#12 files (RFC 7292): a leaf, its intermediates and its key under one password. */
import { createHmac, createPrivateKey, randomBytes } from "node:crypto";
import { type BaseBlock, BmpString, Null, OctetString } from "asn1js";
import * as pkijs from "pkijs";

import type { Pkcs12Profile } from "../../rules/pkcs12-profiles.ts";
import { certificatesOf } from "./chain.ts";
import { type Encryption, pbes2, tripleDes } from "./pkcs12-encryption.ts";
import { deriveOctets } from "./pkcs12-kdf.ts";

/** What goes into a file, and under which name a browser lists it. */
export interface Pkcs12Contents {
  /** Leaf first, then the intermediates: a browser sends only a chain that it can build. PEM. */
  chainPem: string;
  /** PEM, PKCS#8. */
  privateKeyPem: string;
  password: string;
  friendlyName: string;
  /** @default "modern" */
  profile?: Pkcs12Profile;
}

/** Algorithms of a file: what encrypts the certificates and the key, and the hash of the MAC over all. */
interface Algorithms {
  encrypt: Encryption;
  mac: { hashAlgorithm: "sha1" | "sha256"; id: string; saltOctets: number };
}

const PROFILES: Record<Pkcs12Profile, Algorithms> = {
  // As OpenSSL 3 writes it.
  modern: { encrypt: pbes2, mac: { hashAlgorithm: "sha256", id: "2.16.840.1.101.3.4.2.1", saltOctets: 16 } },
  // As `openssl pkcs12 -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1`. Windows before 1709, the macOS
  // Keychain and Android up to 13 read nothing newer; everybody else reads it too. It is not `-legacy`, which has RC2
  // in it: that is what current readers refuse.
  compat: { encrypt: tripleDes, mac: { hashAlgorithm: "sha1", id: "1.3.14.3.2.26", saltOctets: 8 } },
};

/**
 * How often the password is hashed, in both profiles: OpenSSL's default, so every reader has met it. Rounds slow down
 * whoever guesses a password that a person chose. Ours is 128 random bits, which nobody guesses at any speed; more
 * rounds would only slow down those who know it.
 */
const ITERATIONS = 2048;

const OID = {
  keyBag: "1.2.840.113549.1.12.10.1.2", // pkcs8ShroudedKeyBag
  certBag: "1.2.840.113549.1.12.10.1.3",
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
};

/** Builds the file, DER. Salts are random: the same contents give another file each time. */
export function pkcs12(contents: Pkcs12Contents): Buffer {
  const { password, profile = "modern" } = contents;
  const { encrypt, mac } = PROFILES[profile];
  const leafAttributes = [localKeyId(), friendlyName(contents.friendlyName)]; // DER sorts a set: the shorter is first

  const certBags = certificatesOf(contents.chainPem).map((cert, position) =>
    safeBag(OID.certBag, certBag(cert.raw), position === 0 ? leafAttributes : undefined),
  );
  const key = createPrivateKey(contents.privateKeyPem).export({ type: "pkcs8", format: "der" });
  const { algorithm, content } = encrypt(key, password, ITERATIONS);
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({ encryptionAlgorithm: algorithm, encryptedData: content });

  const authenticatedSafe = new pkijs.AuthenticatedSafe({
    safeContents: [
      encryptedData(encrypt(derOf(new pkijs.SafeContents({ safeBags: certBags })), password, ITERATIONS)),
      // Not encrypted as a whole: the bag itself is.
      data(derOf(new pkijs.SafeContents({ safeBags: [safeBag(OID.keyBag, keyBag, leafAttributes)] }))),
    ],
  });
  const safe = derOf(authenticatedSafe);
  return derOf(new pkijs.PFX({ authSafe: data(safe), macData: macData(safe, password, mac) }));
}

function safeBag(
  bagId: string,
  bagValue: pkijs.CertBag | pkijs.PKCS8ShroudedKeyBag,
  bagAttributes?: pkijs.Attribute[],
) {
  return new pkijs.SafeBag({ bagId, bagValue, ...(bagAttributes ? { bagAttributes } : {}) });
}

function certBag(der: Buffer): pkijs.CertBag {
  return new pkijs.CertBag({
    certId: pkijs.id_CertBag_X509Certificate,
    certValue: new OctetString({ valueHex: der }),
  });
}

function data(content: Buffer): pkijs.ContentInfo {
  return new pkijs.ContentInfo({
    contentType: pkijs.id_ContentType_Data,
    content: new OctetString({ valueHex: content }),
  });
}

function encryptedData({ algorithm, content }: ReturnType<Encryption>): pkijs.ContentInfo {
  const encryptedContentInfo = new pkijs.EncryptedContentInfo({
    contentType: pkijs.id_ContentType_Data,
    contentEncryptionAlgorithm: algorithm,
    encryptedContent: content,
    disableSplit: true, // in pieces it would not be DER, which some readers insist on
  });
  return new pkijs.ContentInfo({
    contentType: pkijs.id_ContentType_EncryptedData,
    content: new pkijs.EncryptedData({ encryptedContentInfo }).toSchema(),
  });
}

/** HMAC of the content with a key made of the password (RFC 7292, 4 and appendix B). */
function macData(content: Buffer, password: string, { hashAlgorithm, id, saltOctets }: Algorithms["mac"]) {
  const salt = randomBytes(saltOctets);
  const octets = hashAlgorithm === "sha1" ? 20 : 32;
  const key = deriveOctets("mac", octets, { hashAlgorithm, password, salt, iterations: ITERATIONS });
  return new pkijs.MacData({
    mac: new pkijs.DigestInfo({
      digestAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: id, algorithmParams: new Null() }),
      digest: new OctetString({ valueHex: createHmac(hashAlgorithm, key).update(content).digest() }),
    }),
    macSalt: new OctetString({ valueHex: salt }),
    iterations: ITERATIONS,
  });
}

function friendlyName(value: string): pkijs.Attribute {
  return new pkijs.Attribute({ type: OID.friendlyName, values: [new BmpString({ value })] });
}

// Ties the key to its certificate; there is one pair, so any value does.
function localKeyId(): pkijs.Attribute {
  return new pkijs.Attribute({ type: OID.localKeyId, values: [new OctetString({ valueHex: Buffer.from([1]) })] });
}

function derOf(structure: { toSchema(): BaseBlock }): Buffer {
  return Buffer.from(structure.toSchema().toBER());
}
