/** PKCS#12 files (RFC 7292): a leaf, its intermediates and its key under one password. */
import { createPrivateKey } from "node:crypto";
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";

/** What goes into a file, and under which name a browser lists it. */
export interface Pkcs12Contents {
  /** Leaf first, then the intermediates: a browser sends only a chain that it can build. PEM. */
  chainPem: string;
  /** PEM, PKCS#8. */
  privateKeyPem: string;
  password: string;
  friendlyName: string;
}

// OpenSSL 3 writes the same: AES-256-CBC with PBKDF2-HMAC-SHA-256 (PBES2), and a SHA-256 MAC.
const ENCRYPTION = {
  contentEncryptionAlgorithm: { name: "AES-CBC", length: 256 },
  hmacHashAlgorithm: "SHA-256",
};
/** PBKDF2 rounds. The password is 128 random bits, so more rounds would only cost time; OpenSSL's default. */
const ITERATIONS = 2048;

const OID = {
  data: "1.2.840.113549.1.7.1",
  keyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
};

/** Builds the file, DER. Salts are random: the same contents give another file each time. */
export async function pkcs12(contents: Pkcs12Contents): Promise<Buffer> {
  const password = new TextEncoder().encode(contents.password).buffer;
  const encryption = { ...ENCRYPTION, iterationCount: ITERATIONS, password };
  const leafAttributes = [friendlyName(contents.friendlyName), localKeyId()];

  const key = createPrivateKey(contents.privateKeyPem).export({ type: "pkcs8", format: "der" });
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: pkijs.PrivateKeyInfo.fromBER(key) });
  await keyBag.makeInternalValues(encryption);

  const certificates = contents.chainPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certBags = certificates.map(
    (pem, position) =>
      new pkijs.SafeBag({
        bagId: OID.certBag,
        bagValue: new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(derOf(pem)) }),
        ...(position === 0 ? { bagAttributes: leafAttributes } : {}),
      }),
  );

  const authenticatedSafe = new pkijs.AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 1, value: new pkijs.SafeContents({ safeBags: certBags }) },
        {
          privacyMode: 0, // the bag itself is encrypted
          value: new pkijs.SafeContents({
            safeBags: [new pkijs.SafeBag({ bagId: OID.keyBag, bagValue: keyBag, bagAttributes: leafAttributes })],
          }),
        },
      ],
    },
  });
  await authenticatedSafe.makeInternalValues({ safeContents: [encryption, {}] });

  const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
  await file.makeInternalValues({
    password,
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: { name: "SHA-256" },
    hmacHashAlgorithm: "SHA-256",
  });
  return Buffer.from(file.toSchema().toBER());
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

function friendlyName(value: string): pkijs.Attribute {
  return new pkijs.Attribute({ type: OID.friendlyName, values: [new asn1js.BmpString({ value })] });
}

// Ties the key to its certificate; there is one pair, so any value does.
function localKeyId(): pkijs.Attribute {
  return new pkijs.Attribute({
    type: OID.localKeyId,
    values: [new asn1js.OctetString({ valueHex: new Uint8Array([1]).buffer })],
  });
}
