import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, it, jest } from "@jest/globals";

import { ExportingUser, OWN_FILE, OWN_PASSWORD } from "../../exporting-user.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const user = new ExportingUser("jks");
beforeAll(() => user.open());
beforeEach(() => user.goToNewFolder());
afterAll(() => user.close());

/** Everything in the stack's folder, where the store is made. */
const stackFolder = () => readdirSync(user.lab.file(".")).sort();

it("is a key store that keytool lists: the key with its chain, and the root as trusted", async () => {
  const { status, stdout, stderr } = await user.export(["alice", "--format", "jks"]);

  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: `Wrote ${user.at("alice.jks")}; its password is in ${user.at("alice.jks.password")}.\n`,
    stderr: "",
  });
  expect(user.made()).toEqual({ "alice.jks": "600", "alice.jks.password": "600" });
  expect(stackFolder()).toEqual(["clients", "root.crt"]);

  const store = ["-keystore", "alice.jks", "-storepass:file", "alice.jks.password"];
  const listed = user.run("keytool", "-list", "-v", ...store);
  expect(listed).toContain("Keystore type: JKS\n");
  expect(listed).toContain("Your keystore contains 2 entries\n");
  expect(listed).toMatch(/Alias name: alice\n.*\nEntry type: PrivateKeyEntry\nCertificate chain length: 2\n/);
  expect(listed).toMatch(/Alias name: root ca\n.*\nEntry type: trustedCertEntry\n/);
  const trusted = user.run("keytool", "-exportcert", "-rfc", "-alias", "root ca", ...store);
  const root = readFileSync(user.lab.file("root.crt"));
  expect(new X509Certificate(trusted).fingerprint256).toBe(new X509Certificate(root).fingerprint256);
});

it("has the user's own password for the store and for the key in it", async () => {
  expect((await user.export(["alice", "--format", "jks", "--password-file", OWN_FILE])).status).toBe(0);
  expect(user.made()).toEqual({ "alice.jks": "600" });

  const from = ["-srckeystore", "alice.jks", "-srcstoretype", "JKS", "-srcalias", "alice"];
  const into = ["-destkeystore", "again.p12", "-deststoretype", "PKCS12"];
  const passwords = ["-srcstorepass", "-srckeypass", "-deststorepass"].flatMap((option) => [
    `${option}:file`,
    OWN_FILE,
  ]);
  user.run("keytool", "-importkeystore", "-noprompt", ...from, ...into, ...passwords);
  const opened = user.run("openssl", "pkcs12", "-in", "again.p12", "-passin", `file:${OWN_FILE}`, "-noenc");
  expect(opened).toContain(user.alice("client.key"));
});

it("is made without a password in any command line", async () => {
  const [keytool, calls, folder] = [user.at("programs/keytool"), user.at("calls"), user.at("programs")];
  const real = user.run("sh", "-c", "command -v keytool").trim();
  mkdirSync(folder);
  writeFileSync(keytool, `#!/bin/sh\necho "$@" >>"${calls}"\nexec "${real}" "$@"\n`);
  chmodSync(keytool, 0o755);
  const PATH = `${folder}${delimiter}${process.env.PATH}`;
  expect((await user.export(["alice", "--format", "jks", "--password-file", OWN_FILE], { PATH })).status).toBe(0);
  expect((await user.export(["bob", "--format", "jks"], { PATH })).status).toBe(0);

  const called = readFileSync(calls, "utf8");
  expect(called.trim().split("\n")).toHaveLength(4);
  expect(called).not.toContain(OWN_PASSWORD);
  expect(called).not.toContain(user.text("bob.jks.password"));
});

it("without keytool gets one sentence, and nothing is made", async () => {
  expect(await user.export(["alice", "--format", "jks"], { PATH: user.at(".") })).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "keytool is not on PATH: install a Java runtime, with apt-get install default-jre-headless on Debian and Ubuntu\n",
  });
  expect(user.made()).toEqual({});
  expect(stackFolder()).toEqual(["clients", "root.crt"]);
});

it("with a password that is too short for keytool gets one sentence, and nothing is made", async () => {
  writeFileSync(user.at(OWN_FILE), "12345");
  expect(await user.export(["alice", "--format", "jks", "--password-file", OWN_FILE])).toEqual({
    status: 2,
    stdout: "",
    stderr: "the password of a JKS must have at least 6 characters, got 5\n",
  });
  expect(user.made()).toEqual({});
});
