import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { pkcs12 } from "../../../provider/x509/pkcs12.ts";
import { PKCS12_PROFILES, type Pkcs12Profile } from "../../../rules/pkcs12-profiles.ts";
import { openssl } from "../../openssl.ts";
import { authorities, type Identity, identity } from "../../test-pki.ts";
import { QUICK_KEY_ALGORITHMS } from "../keys.ts";

const PASSWORD = "päss wörd";

let intermediate: Identity;
let alice: Identity;

beforeAll(async () => {
  ({ intermediate } = await authorities("Lab"));
  alice = await identity({ subject: { commonName: "alice" } }, intermediate);
});

/** A file for a client. */
function file(profile?: Pkcs12Profile, { chainPem, privateKeyPem }: Identity = alice): Buffer {
  return pkcs12({ chainPem, privateKeyPem, password: PASSWORD, friendlyName: "alice", profile });
}

/** What `openssl pkcs12` prints of a file; what it says of its form goes to standard error. */
function opened(der: Buffer, ...args: string[]): { stdout: string; stderr: string } {
  const given = ["pkcs12", "-passin", `pass:${PASSWORD}`, ...args];
  return spawnSync("openssl", given, { input: der, encoding: "utf8" });
}

function pems(text: string, type: string): string[] {
  return text.match(new RegExp(`-----BEGIN ${type}-----[^-]+-----END ${type}-----\n`, "g")) ?? [];
}

const AES = "PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256";
const TRIPLE_DES = "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048";

/** The words of `openssl pkcs12 -info` for a file of these algorithms. */
function form(mac: string, encryption: string): string[] {
  return [
    ...mac.split("; "),
    `PKCS7 Encrypted data: ${encryption}`,
    "Certificate bag",
    "Certificate bag",
    "PKCS7 Data",
    `Shrouded Keybag: ${encryption}`,
    "",
  ];
}

describe("a PKCS#12 file", () => {
  it.each<[Pkcs12Profile | undefined, string, string]>([
    [undefined, "MAC: sha256, Iteration 2048; MAC length: 32, salt length: 16", AES],
    ["modern", "MAC: sha256, Iteration 2048; MAC length: 32, salt length: 16", AES],
    ["compat", "MAC: sha1, Iteration 2048; MAC length: 20, salt length: 8", TRIPLE_DES],
  ])("with profile %s has the %s, and the encryption %s for certificates and key", (profile, mac, encryption) => {
    const { stderr } = opened(file(profile), "-info", "-noout");

    expect(stderr.split("\n")).toEqual(form(mac, encryption));
  });

  it("with profile compat is of the form that openssl's options for it make", () => {
    const options = ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-name", "alice"];
    const theirs = spawnSync("openssl", ["pkcs12", "-export", ...options, "-passout", `pass:${PASSWORD}`], {
      input: alice.privateKeyPem + alice.chainPem,
    }).stdout;

    expect(opened(file("compat"), "-info", "-noout").stderr).toBe(opened(theirs, "-info", "-noout").stderr);
  });
});

describe.each(PKCS12_PROFILES)("a %s PKCS#12 file", (profile) => {
  it("is DER throughout, which some readers insist on", () => {
    const outer = openssl(["asn1parse", "-inform", "DER"], file(profile));
    const [, authenticatedSafe] = /^ *(\d+):d=3 .* prim: OCTET STRING/m.exec(outer)!;
    const inner = openssl(["asn1parse", "-inform", "DER", "-strparse", authenticatedSafe!], file(profile));

    expect(outer).toMatch(/^ +0:d=0 +hl=4 l=\d+ cons: SEQUENCE/);
    expect(inner).toMatch(/^ +0:d=0 +hl=4 l=\d+ cons: SEQUENCE/);
    expect(outer + inner).not.toMatch(/l=inf|EOC|cons: OCTET STRING/);
  });

  it("holds the leaf first, then its intermediates, and the key", () => {
    const { stdout } = opened(file(profile), "-nodes");

    expect(pems(stdout, "CERTIFICATE").join("")).toBe(alice.chainPem);
    expect(pems(alice.chainPem, "CERTIFICATE")).toEqual([alice.certPem, intermediate.certPem]);
    expect(pems(stdout, "PRIVATE KEY")).toEqual([alice.privateKeyPem]);
  });

  it("lists the leaf and its key, and nothing else, under the friendly name", () => {
    const { stdout } = opened(file(profile), "-nodes");

    expect([...stdout.matchAll(/friendlyName: (.*)\n/g)].map(([, name]) => name)).toEqual(["alice", "alice"]);
    expect(stdout.match(/localKeyID: 01/g)).toHaveLength(2);
  });

  it.each(QUICK_KEY_ALGORITHMS)("takes a %s key", async (keyAlgorithm) => {
    const client = await identity({ subject: { commonName: "x" }, keyAlgorithm }, intermediate);
    const { stdout } = opened(file(profile, client), "-nodes");

    const [key] = pems(stdout, "PRIVATE KEY");
    expect(new X509Certificate(pems(stdout, "CERTIFICATE")[0]!).checkPrivateKey(createPrivateKey(key!))).toBe(true);
    expect(pems(stdout, "CERTIFICATE").join("")).toBe(client.chainPem);
  });

  it("opens with its password only", () => {
    expect(() => openssl(["pkcs12", "-noout", "-passin", "pass:wrong"], file(profile))).toThrow("invalid password");
  });

  it("is another file each time, for its salts are random", () => {
    expect(file(profile).equals(file(profile))).toBe(false);
  });

  it("shows nothing of certificate or key without the password", () => {
    const text = file(profile).toString("latin1");

    expect(text).not.toContain("alice");
    expect(text).not.toContain(
      createPrivateKey(alice.privateKeyPem).export({ type: "pkcs8", format: "der" }).toString("latin1"),
    );
  });
});
