import { readFileSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { run } from "../../checkout.ts";
import { ExportingUser, OWN_FILE } from "../../exporting-user.ts";
import { fingerprintsOf } from "../../pkcs12-readers.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const user = new ExportingUser("p12");
beforeAll(() => user.open());
beforeEach(() => user.goToNewFolder());
afterAll(() => user.close());

// What `openssl pkcs12 -info` says.
const MODERN = /^MAC: sha256,[^]*PBES2, PBKDF2, AES-256-CBC[^]*Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC/;
const COMPAT = /^MAC: sha1,[^]*pbeWithSHA1And3-KeyTripleDES-CBC[^]*Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC/;

it("p12 is the stack's file with its password beside it, for the user alone to read", async () => {
  const { stdout } = await user.export(["alice", "--format", "p12"]);

  expect(stdout).toBe(`Wrote ${user.at("alice.p12")}; its password is in ${user.at("alice.p12.password")}.\n`);
  expect(user.made()).toEqual({ "alice.p12": "600", "alice.p12.password": "600" });
  expect(readFileSync(user.at("alice.p12"))).toEqual(readFileSync(user.lab.file("clients/alice/client.p12")));
  expect(user.text("alice.p12.password")).toBe(user.alice("password"));
});

it("p12-compat has the stack's password as well", async () => {
  const { stdout } = await user.export(["alice", "--format", "p12-compat", "--out", "old.p12"]);

  expect(stdout).toBe(`Wrote ${user.at("old.p12")}; its password is in ${user.at("old.p12.password")}.\n`);
  expect(user.made()).toEqual({ "old.p12": "600", "old.p12.password": "600" });
  expect(user.text("old.p12.password")).toBe(user.alice("password"));
  expect(await encryptionOf("old.p12", "old.p12.password")).toMatch(COMPAT);
});

describe.each([
  ["p12", "modern", "alice.p12", MODERN],
  ["p12", "compat", "alice.p12", COMPAT],
  ["p12-compat", "modern", "alice-compat.p12", COMPAT],
])("%s with the user's own password, of a stack with %s files", (format, pkcs12Profile, file, encryption) => {
  it("holds the key and the chain, and says nothing of the password", async () => {
    user.lab.configure({ pkcs12Profile });
    const outcome = await user.export(["alice", "--format", format, "--password-file", OWN_FILE]);

    expect(outcome).toEqual({ status: 0, stdout: `Wrote ${user.at(file)}.\n`, stderr: "" });
    expect(user.made()).toEqual({ [file]: "600" });
    const opened = user.run("openssl", "pkcs12", "-in", file, "-passin", `file:${OWN_FILE}`, "-noenc");
    expect(opened).toContain("friendlyName: alice\n");
    expect(fingerprintsOf(opened)).toEqual(fingerprintsOf(user.alice("chain.crt")));
    expect(opened).toContain(user.alice("client.key"));
    expect(() => user.run("openssl", "pkcs12", "-in", file, "-passin", "pass:", "-noenc")).toThrow("Command failed");
    expect(await encryptionOf(file, OWN_FILE)).toMatch(encryption);
  });
});

/** What OpenSSL says of the algorithms in a file. */
async function encryptionOf(file: string, passwordFile: string): Promise<string> {
  const args = ["pkcs12", "-info", "-noout", "-in", user.at(file), "-passin", `file:${user.at(passwordFile)}`];
  return (await run("openssl", args)).stderr;
}
