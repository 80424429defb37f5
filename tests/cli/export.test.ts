/** What `export` asks for, where it writes, and what it refuses. What is in the files: tests/cli/export/. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { run } from "../checkout.ts";
import { ExportingUser, OWN_FILE } from "../exporting-user.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const user = new ExportingUser("export");
beforeAll(() => user.open());
beforeEach(() => user.goToNewFolder());
afterAll(() => user.close());

const FORMATS = "pem, p12, p12-compat, jks, curl, httpie, node, python, go, java";

describe("export --list", () => {
  it.each([
    [["--list"], "alice\nbob\n"],
    [["--list", "--json"], '["alice","bob"]\n'],
  ])("prints the names of the clients: %j", async (args, stdout) => {
    expect(await user.export(args)).toEqual({ status: 0, stdout, stderr: "" });
  });
});

describe("export to a file", () => {
  it("takes paths from the folder that the user is in, under npm too", async () => {
    const args = ["run", "--silent", "export", "--", "alice", "--stack", user.lab.stack, "--format", "pem"];
    const { status, stdout } = await run("npm", [...args, "--passphrase-file", OWN_FILE], user.at("."));

    expect({ status, stdout }).toEqual({ status: 0, stdout: `Wrote ${user.at("alice.pem")}.\n` });
    expect(user.made()).toEqual({ "alice.pem": "600" });
  });

  it("writes a snippet, too", async () => {
    const printed = (await user.export(["alice", "--format", "curl"])).stdout;
    const { stdout } = await user.export(["alice", "--format", "curl", "--out", "ask.sh"]);

    expect(stdout).toBe(`Wrote ${user.at("ask.sh")}.\n`);
    expect(user.text("ask.sh")).toBe(printed);
  });

  it.each([
    ["p12", ["alice.p12", "alice.p12.password"]],
    ["pem", ["alice.pem"]],
    ["curl --out ask.sh", ["ask.sh"]],
  ])("says what it wrote as JSON, too: %s", async (format, files) => {
    const { stdout } = await user.export(["alice", "--json", "--format", ...format.split(" ")]);

    expect(JSON.parse(stdout)).toEqual({ written: files.map((file) => user.at(file)) });
    expect(Object.keys(user.made()).sort()).toEqual(files);
  });

  it.each(["alice.p12", "alice.p12.password"])("keeps %s where it is there already", async (taken) => {
    writeFileSync(user.at(taken), "mine", { mode: 0o644 });

    expect(await user.export(["alice", "--format", "p12"])).toEqual({
      status: 1,
      stdout: "",
      stderr: `${user.at(taken)} is there already: --force replaces it, --out chooses another place\n`,
    });
    expect(user.made()).toEqual({ [taken]: "644" });
    expect(user.text(taken)).toBe("mine");
  });

  it("replaces it with --force, and nobody else may read it afterwards", async () => {
    writeFileSync(user.at("alice.pem"), "mine", { mode: 0o644 });

    expect((await user.export(["alice", "--format", "pem", "--force"])).status).toBe(0);
    expect(user.made()).toEqual({ "alice.pem": "600" });
    expect(user.text("alice.pem")).toContain("PRIVATE KEY");
  });

  describe("under the user's own password", () => {
    const own = ["alice", "--format", "p12", "--password-file", OWN_FILE];
    beforeEach(() => user.export(["alice", "--format", "p12"]));

    it("keeps an older password, which would not open it", async () => {
      rmSync(user.at("alice.p12"));

      expect(await user.export(own)).toEqual({
        status: 1,
        stdout: "",
        stderr: `${user.at("alice.p12.password")} is there already: --force replaces it, --out chooses another place\n`,
      });
      expect(user.made()).toEqual({ "alice.p12.password": "600" });
    });

    it("leaves none with --force", async () => {
      expect(await user.export([...own, "--force"])).toMatchObject({ stdout: `Wrote ${user.at("alice.p12")}.\n` });
      expect(user.made()).toEqual({ "alice.p12": "600" });
    });

    it("leaves it where it is that password", async () => {
      const same = [...own.slice(0, -1), "alice.p12.password"];

      expect((await user.export([...same, "--force"])).status).toBe(0);
      expect(Object.keys(user.made())).toEqual(["alice.p12", "alice.p12.password"]);
    });
  });

  it("writes both files or none", async () => {
    const long = "a".repeat(245); // with .password it is too long for a file that is written beside its place
    const { status, stdout, stderr } = await user.export(["alice", "--format", "p12", "--out", long]);

    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^nothing was written: ENAMETOOLONG: .+\n$/);
    expect(user.made()).toEqual({});
  });
});

describe("export refuses, in one sentence and with nothing made,", () => {
  it.each<[string, string, 1 | 2, () => string]>([
    ["no client", "--format pem", 2, () => "no client is named: choose one of alice, bob"],
    ["an unknown client", "carol --format pem", 2, () => "the client 'carol' is unknown: choose one of alice, bob"],
    [
      "a path as client",
      "../alice --format pem",
      2,
      () => "the client '../alice' is unknown: choose one of alice, bob",
    ],
    ["no format", "alice", 2, () => `no format is named: choose one of ${FORMATS}`],
    ["a key store on standard output", "alice --format jks --out -", 2, () => "jks is no text: name a file with --out"],
    [
      "a snippet on standard output as JSON",
      "alice --format curl --json",
      2,
      () => "--json says what was written: name a file with --out",
    ],
    [
      "a passphrase for a key store",
      `alice --format p12 --passphrase-file ${OWN_FILE}`,
      2,
      () => "--passphrase-file does not go with the format p12: it is for pem",
    ],
    [
      "a password for a snippet",
      `alice --format curl --password-file ${OWN_FILE}`,
      2,
      () => "--password-file does not go with the format curl: it is for p12, p12-compat and jks",
    ],
    [
      "a password file that is not there",
      "alice --format p12 --password-file none",
      2,
      () => `the password cannot be read: ENOENT: no such file or directory, open '${user.at("none")}'`,
    ],
    [
      "a folder that is not there",
      "alice --format pem --out no/alice.pem",
      1,
      () => `${user.at("no")} is no folder: make it, or choose another place with --out`,
    ],
    [
      "a folder in the place of the file",
      "alice --format pem --out . --force",
      1,
      () => `${user.at(".")} is a folder: choose another place with --out`,
    ],
    [
      "a stack that is not up",
      "alice --format pem --stack ci",
      1,
      () => "stack ci is not up: npm run up -- --stack ci",
    ],
  ])("%s", async (_what, args, status, sentence) => {
    expect(await user.export(args.split(" "))).toEqual({ status, stdout: "", stderr: `${sentence()}\n` });
    expect(user.made()).toEqual({});
  });

  it("an unknown format", async () => {
    const { status, stdout, stderr } = await user.export(["alice", "--format", "pfx"]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(
      `error: option '--format <format>' argument 'pfx' is invalid. Allowed choices are ${FORMATS}.`,
    );
  });

  it.each([
    ["an empty password", "\n"],
    ["a password that programs read differently", "pässword\n"],
  ])("%s", async (_what, password) => {
    writeFileSync(user.at(OWN_FILE), password);

    expect(await user.export(["alice", "--format", "p12", "--password-file", OWN_FILE])).toEqual({
      status: 2,
      stdout: "",
      stderr: `the first line of ${user.at(OWN_FILE)} must be 1 to 1024 printable ASCII characters\n`,
    });
    expect(user.made()).toEqual({});
  });

  it("a client of whom a file is missing, and says what puts it back", async () => {
    const key = user.lab.file("clients/bob/client.key");
    const content = readFileSync(key);
    rmSync(key);
    const outcome = await user.export(["bob", "--format", "pem"]);
    writeFileSync(key, content, { mode: 0o600 });

    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `ENOENT: no such file or directory, access '${key}': ` +
        `npm run up -- --stack ${user.lab.stack} puts back what is missing\n`,
    });
    expect(user.made()).toEqual({});
  });
});

// That it works: tests/integration/own-root.test.ts.
describe("export of a CA's key", () => {
  it.each([
    [["root", "--format", "pem"], "root is a CA: its key is exported without --format and --password-file\n"],
    [
      ["intermediate", "--password-file", OWN_FILE],
      "intermediate is a CA: its key is exported without --format and --password-file\n",
    ],
    [["root", "--out", "-"], "the key of a CA is not printed: name a file with --out\n"],
    [["root-2"], "the CA 'root-2' is unknown: choose one of root, intermediate\n"],
    [["server"], "the CA 'server' is unknown: choose one of root, intermediate\n"],
  ])("refuses %j", async (args, stderr) => {
    expect(await user.export(args)).toEqual({ status: 2, stdout: "", stderr });
    expect(user.made()).toEqual({});
  });

  it.each([
    [{ trustedRoots: [1, 2] }, "root-3", "root, root-2, intermediate, intermediate-2"],
    [{ trustedRoots: [2], issuingRoot: 2 }, "root", "root-2, intermediate-2"],
  ])("names the CAs that there are with %j", async (settings, ca, names) => {
    user.lab.configure(settings);
    const { status, stderr } = await user.export([ca]);
    user.lab.configure({});

    expect({ status, stderr }).toEqual({ status: 2, stderr: `the CA '${ca}' is unknown: choose one of ${names}\n` });
  });
});
