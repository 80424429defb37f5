import { X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { pkcs12 } from "../../../provider/x509/pkcs12.ts";
import { PKCS12_PROFILES, type Pkcs12Profile } from "../../../rules/pkcs12-profiles.ts";
import {
  certtool,
  fingerprintsOf,
  keytool,
  node,
  openssl,
  pk12util,
  publicPem,
  type Reader,
} from "../../pkcs12-readers.ts";
import { authorities, type Identity, identity } from "../../test-pki.ts";

const PASSWORD = "Kq3_x-8TzL0bNw5RfYd2Vg"; // of the form that is generated
const NAME = "Älice 上海 😀";
const KEY_ALGORITHMS = ["RSA-2048", "P-256", "P-384", "Ed25519"] as const;
type Algorithm = (typeof KEY_ALGORITHMS)[number];

let root: Identity;
let clients: Record<Algorithm, Identity>;

beforeAll(async () => {
  const ca = await authorities("Lab");
  ({ root } = ca);
  const made = KEY_ALGORITHMS.map(async (keyAlgorithm) => [
    keyAlgorithm,
    await identity({ subject: { commonName: "alice" }, keyAlgorithm }, ca.intermediate),
  ]);
  clients = Object.fromEntries(await Promise.all(made)) as Record<Algorithm, Identity>;
});

function file(profile: Pkcs12Profile, algorithm: Algorithm): Buffer {
  return pkcs12({ ...clients[algorithm], password: PASSWORD, friendlyName: NAME, profile });
}

/** What a reader has to find in the file of this client. */
function contentsOf({ certPem, chainPem }: Identity) {
  return { certificates: fingerprintsOf(chainPem), publicKeyPem: publicPem(new X509Certificate(certPem).publicKey) };
}

const READERS: Record<string, Reader> = {
  openssl,
  certtool,
  pk12util,
  keytool,
  node: (...args) => node(root)(...args),
};

/** Under which name a reader lists the file. */
const LISTED: Record<string, string | undefined> = {
  openssl: undefined,
  certtool: NAME,
  pk12util: NAME,
  keytool: NAME.toLowerCase(), // no Java key store has capital letters
};

/** Which key a reader cannot have in whatever file, with its words. NSS 3.87 knows no Ed25519 keys. */
const EXCEPTIONS: [string, Algorithm, string][] = [["pk12util", "Ed25519", "SEC_ERROR_PKCS12_UNABLE_TO_IMPORT_KEY"]];

const PAIRS = Object.keys(LISTED)
  .flatMap((reader) => KEY_ALGORITHMS.map((algorithm) => [reader, algorithm] as const))
  .filter(([reader, algorithm]) => !EXCEPTIONS.some(([who, what]) => who === reader && what === algorithm));

describe.each(PKCS12_PROFILES)("a %s PKCS#12 file", (profile) => {
  it.each(PAIRS)("is in %s the chain, its %s key and their name", async (reader, algorithm) => {
    const found = await READERS[reader]!(file(profile, algorithm), PASSWORD);

    expect(found).toEqual({ ...contentsOf(clients[algorithm]), friendlyName: LISTED[reader] });
  });

  it.each(KEY_ALGORITHMS)("lets Node.js with a %s key into a server that trusts only the root", async (algorithm) => {
    const { certificates, publicKeyPem } = await READERS.node!(file(profile, algorithm), PASSWORD);

    expect(certificates).toEqual(fingerprintsOf(clients[algorithm].certPem));
    expect(publicKeyPem).toBe(contentsOf(clients[algorithm]).publicKeyPem);
  });

  it.each(EXCEPTIONS)("is refused by %s for its %s key, as any such file", async (reader, algorithm, words) => {
    await expect(async () => READERS[reader]!(file(profile, algorithm), PASSWORD)).rejects.toThrow(words);
  });

  it.each([
    ["openssl", "Mac verify error: invalid password?"],
    ["certtool", "verify_mac: The Message Authentication Code verification failed."],
    ["pk12util", "SEC_ERROR_BAD_PASSWORD"],
    ["keytool", "keystore password was incorrect"],
    ["node", "mac verify failure"],
  ])("does not open in %s with another password", async (reader, words) => {
    await expect(async () => READERS[reader]!(file(profile, "P-256"), "another password")).rejects.toThrow(words);
  });
});
