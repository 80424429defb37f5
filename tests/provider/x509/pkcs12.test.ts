import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { pkcs12 } from "../../../provider/x509/pkcs12.ts";
import { issue } from "../../../provider/x509/issue.ts";
import { openssl } from "../../openssl.ts";
import { authorities, type Identity, identity } from "../../test-pki.ts";
import { type KeyPair, keyPair, QUICK_KEY_ALGORITHMS } from "../keys.ts";

const PASSWORD = "päss wörd";

let intermediate: Identity;
let alice: Identity;

beforeAll(async () => {
  ({ intermediate } = await authorities("Lab"));
  alice = await identity({ subject: { commonName: "alice" } }, intermediate);
});

/** A file with this certificate and key. */
function file({ chainPem, privateKeyPem }: Omit<Identity, "certPem"> = alice): Promise<Buffer> {
  return pkcs12({ chainPem, privateKeyPem, password: PASSWORD, friendlyName: "alice" });
}

/** What `openssl pkcs12` prints of a file; what it says of its form goes to standard error. */
function opened(der: Buffer, ...args: string[]): { stdout: string; stderr: string } {
  const given = ["pkcs12", "-passin", `pass:${PASSWORD}`, ...args];
  return spawnSync("openssl", given, { input: der, encoding: "utf8" });
}

function pems(text: string, type: string): string[] {
  return text.match(new RegExp(`-----BEGIN ${type}-----[^-]+-----END ${type}-----\n`, "g")) ?? [];
}

describe("a PKCS#12 file", () => {
  it("is encrypted with AES-256 and PBKDF2, and protected by SHA-256: nothing in it is older", async () => {
    const { stderr } = opened(await file(), "-info", "-noout");

    expect(stderr.replace(/, salt length: \d+/, "").split("\n")).toEqual([
      "MAC: sha256, Iteration 2048",
      "MAC length: 32",
      "PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
      "Certificate bag",
      "Certificate bag",
      "PKCS7 Data",
      "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
      "",
    ]);
  });

  it("holds the leaf first, then its intermediates, and the key", async () => {
    const { stdout } = opened(await file(), "-nodes");

    expect(pems(stdout, "CERTIFICATE").join("")).toBe(alice.chainPem);
    expect(pems(alice.chainPem, "CERTIFICATE")).toEqual([alice.certPem, intermediate.certPem]);
    expect(pems(stdout, "PRIVATE KEY")).toEqual([alice.privateKeyPem]);
  });

  it("lists the leaf and its key, and nothing else, under the friendly name", async () => {
    const { stdout } = opened(await file(), "-nodes");

    expect([...stdout.matchAll(/friendlyName: (.*)\n/g)].map(([, name]) => name)).toEqual(["alice", "alice"]);
    expect(stdout.match(/localKeyID: 01/g)).toHaveLength(2);
  });

  it("takes a friendly name in any script, as a BMPString", async () => {
    const der = await pkcs12({ ...alice, password: PASSWORD, friendlyName: "Älice 上海" });

    expect(der.includes(Buffer.from("Älice 上海", "utf16le").swap16())).toBe(true);
  });

  it.each(QUICK_KEY_ALGORITHMS)("takes a %s key", async (algorithm) => {
    const { publicKeyPem, privateKeyPem }: KeyPair = keyPair(algorithm);
    const request = { keyUsages: ["digitalSignature" as const], extendedKeyUsages: [], dnsNames: [], ipAddresses: [] };
    const chainPem = await issue(
      { ...request, subject: { commonName: "x" }, publicKeyPem, isCa: false },
      { privateKeyPem },
      { notBefore: new Date("2025-01-01"), notAfter: new Date("2026-01-01") },
    );
    const { stdout } = opened(await file({ chainPem, privateKeyPem }), "-nodes");

    const [key] = pems(stdout, "PRIVATE KEY");
    expect(new X509Certificate(pems(stdout, "CERTIFICATE")[0]!).checkPrivateKey(createPrivateKey(key!))).toBe(true);
    expect(pems(stdout, "CERTIFICATE")).toEqual([chainPem]);
  });

  it("opens with its password only", async () => {
    const der = await file();

    expect(() => openssl(["pkcs12", "-noout", "-passin", "pass:wrong"], der)).toThrow("invalid password");
  });

  it("is another file each time, for its salts are random", async () => {
    expect((await file()).equals(await file())).toBe(false);
  });

  it("shows nothing of certificate or key without the password", async () => {
    const text = (await file()).toString("latin1");

    expect(text).not.toContain("alice");
    expect(text).not.toContain(
      createPrivateKey(alice.privateKeyPem).export({ type: "pkcs8", format: "der" }).toString("latin1"),
    );
  });
});

// Java reads PKCS#12 with code of its own. Where there is none, OpenSSL's word must do.
if (spawnSync("keytool", ["-help"]).error === undefined) {
  describe("a PKCS#12 file in Java", () => {
    it("is a key store with one entry: the key, and the chain in its order", async () => {
      const folder = mkdtempSync(join(tmpdir(), "mtls-lab-pkcs12-"));
      try {
        const path = join(folder, "alice.p12");
        const { chainPem, privateKeyPem } = alice;
        writeFileSync(path, await pkcs12({ chainPem, privateKeyPem, password: "ascii-only", friendlyName: "alice" }));
        const args = ["-list", "-v", "-keystore", path, "-storepass", "ascii-only", "-storetype", "PKCS12"];
        const { stdout } = spawnSync("keytool", ["-J-Duser.language=en", ...args], { encoding: "utf8" });

        expect(stdout).toContain("Your keystore contains 1 entry\n");
        expect(stdout).toContain("Alias name: alice\n");
        expect(stdout).toContain("Entry type: PrivateKeyEntry\nCertificate chain length: 2\n");
        expect([...stdout.matchAll(/^Owner: (.*)$/gm)].map(([, owner]) => owner)).toEqual([
          "CN=alice",
          "CN=Lab Issuing CA",
        ]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}
