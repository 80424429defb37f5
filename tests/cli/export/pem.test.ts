import { afterAll, beforeAll, beforeEach, expect, it, jest } from "@jest/globals";

import { ExportingUser, OWN_FILE } from "../../exporting-user.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const user = new ExportingUser("pem");
beforeAll(() => user.open());
beforeEach(() => user.goToNewFolder());
afterAll(() => user.close());

it("writes key and chain into one file that only the user can read", async () => {
  const outcome = await user.export(["alice", "--format", "pem"]);

  expect(outcome).toEqual({ status: 0, stdout: `Wrote ${user.at("alice.pem")}.\n`, stderr: "" });
  expect(user.made()).toEqual({ "alice.pem": "600" });
  expect(user.text("alice.pem")).toBe(user.alice("client.key") + user.alice("chain.crt"));
});

it("encrypts the key with the passphrase in a file: openssl opens it with that and not without", async () => {
  expect((await user.export(["alice", "--format", "pem", "--passphrase-file", OWN_FILE])).status).toBe(0);

  expect(user.text("alice.pem")).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  expect(user.run("openssl", "pkey", "-in", "alice.pem", "-passin", `file:${OWN_FILE}`)).toBe(user.alice("client.key"));
  expect(() => user.run("openssl", "pkey", "-in", "alice.pem", "-passin", "pass:")).toThrow("Command failed");
  const structure = user.run("openssl", "asn1parse", "-in", "alice.pem");
  for (const name of ["PBES2", "PBKDF2", "aes-256-cbc"]) expect(structure).toContain(`:${name}\n`);
  expect(user.text("alice.pem").endsWith(`-----END ENCRYPTED PRIVATE KEY-----\n${user.alice("chain.crt")}`)).toBe(true);
});

it("prints it where --out is -", async () => {
  const { status, stdout } = await user.export(["alice", "--format", "pem", "--out", "-"]);

  expect({ status, stdout }).toEqual({ status: 0, stdout: user.alice("client.key") + user.alice("chain.crt") });
  expect(user.made()).toEqual({});
});
