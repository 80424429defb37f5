/** The verbs that change one line of a stack's file, on the real engine. Without a container: what it serves, tests/integration shows. */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { Status } from "../../cli/status.ts";
import { Checkout } from "../checkout.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new Checkout(`it-verbs-${process.pid}`);
const FILE = `Pulumi.${lab.stack}.yaml`;
beforeAll(async () => {
  lab.configure({ deploy: "none" });
  expect((await lab.lab("up")).status).toBe(0);
});
afterAll(() => lab.remove());

async function status(): Promise<Status> {
  return JSON.parse((await lab.lab("status", "--json")).stdout) as Status;
}

/** Serial numbers in the published lists, as OpenSSL reads them, sorted. */
function listed(): string[] {
  const pems = readFileSync(lab.file("site/current/client-ca.crl"), "utf8").match(
    /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g,
  );
  return pems!
    .flatMap((input) => {
      const text = execFileSync("openssl", ["crl", "-noout", "-text"], { input, encoding: "utf8" });
      return [...text.matchAll(/Serial Number: (\w+)/g)].map(([, serial]) => serial!);
    })
    .sort();
}

function certificate(client: string): X509Certificate {
  return new X509Certificate(readFileSync(lab.file(`clients/${client}/client.crt`)));
}

function settings(): string {
  return readFileSync(join(lab.root, FILE), "utf8");
}

describe("revoke", () => {
  it("enters a client into its CA's list, with the reason, and leaves the certificate as it is", async () => {
    const before = certificate("alice");
    const { status: code, stdout } = await lab.lab("revoke", "alice", "--reason", "keyCompromise");

    expect(code).toBe(0);
    expect(stdout).toContain("24 unchanged"); // all but the list and the site's files
    expect(stdout).toContain("'alice' is revoked (keyCompromise).");
    expect(listed()).toEqual([before.serialNumber]);
    expect(certificate("alice").raw).toEqual(before.raw);
    const { certificates, revocationLists } = await status();
    expect(certificates.flatMap(({ name, revoked }) => (revoked ? [[name, revoked]] : []))).toEqual([
      ["alice", "keyCompromise"],
    ]);
    expect(revocationLists.map(({ issuer, number, entries }) => [issuer, number, entries])).toEqual([
      ["O=Jack-GM, CN=Jack-GM Intermediate CA", 2, 1],
      ["O=Jack-GM, CN=Jack-GM Root CA", 1, 0],
    ]);
  });

  it.each<[string, string, string[], string]>([
    [
      "somebody who is revoked already",
      "revoke",
      ["alice"],
      `'alice' is revoked already (keyCompromise): npm run unrevoke -- alice --stack ${lab.stack} takes it back\n`,
    ],
    [
      "nobody's name",
      "revoke",
      ["carol"],
      `${FILE}: configuration key 'revoked' has 'carol', which is nobody's name: there are intermediate, server, alice, bob\n`,
    ],
    [
      "the root",
      "revoke",
      ["root"],
      `${FILE}: configuration key 'revoked' has 'root', which is nobody's name: there are intermediate, server, alice, bob\n`,
    ],
    [
      "a reason that does not exist",
      "revoke",
      ["bob", "--reason", "bored"],
      "'bored' is no reason to revoke: choose one of unspecified, keyCompromise, cACompromise, affiliationChanged, " +
        "superseded, cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise\n",
    ],
    ["somebody who is not revoked", "unrevoke", ["bob"], "'bob' is not revoked: revoked are alice\n"],
    [
      "neither names nor --all nor --due",
      "renew",
      [],
      "renew takes names, --all or --due, and one of these only: npm run renew -- alice\n",
    ],
    [
      "names and --all",
      "renew",
      ["bob", "--all"],
      "renew takes names, --all or --due, and one of these only: npm run renew -- alice\n",
    ],
    [
      "a certificate that is not there",
      "renew",
      ["carol"],
      `${FILE}: configuration key 'renewed' has 'carol', which is nobody's name: there are root, intermediate, server, alice, bob\n`,
    ],
  ])("gets one sentence and changes nothing: %s", async (_what, verb, args, sentence) => {
    const before = settings();
    expect(await lab.lab(verb, ...args)).toEqual({ status: 2, stdout: "", stderr: sentence });
    expect(settings()).toBe(before);
  });

  it("takes a serial number, for a certificate whose holder is gone", async () => {
    const { serialNumber } = certificate("bob");
    expect((await lab.lab("revoke", serialNumber)).status).toBe(0);
    expect(listed()).toEqual([certificate("alice").serialNumber, serialNumber].sort());
    expect((await lab.lab("unrevoke", serialNumber)).status).toBe(0);
  });
});

describe("renew", () => {
  it("issues a certificate anew with the same key; what was revoked stays out, and so does the new one", async () => {
    const before = certificate("alice");
    expect((await lab.lab("renew", "alice")).status).toBe(0);

    const after = certificate("alice");
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(after.publicKey.equals(before.publicKey)).toBe(true);
    expect(listed()).toEqual([before.serialNumber, after.serialNumber].sort());
  });

  it("renews nothing with --due while nothing is due", async () => {
    expect((await lab.lab("renew", "--due")).stdout).toContain("26 unchanged");
  });

  it("renews every certificate with --all but the root; the chains still lead to it", async () => {
    const before = (await status()).certificates;
    expect((await lab.lab("renew", "--all")).status).toBe(0);
    const after = (await status()).certificates;

    expect(after.map(({ name }) => name)).toEqual(["root", "intermediate", "server", "alice", "bob"]);
    const kept = after.filter(({ serialNumber }, position) => serialNumber === before[position]!.serialNumber);
    expect(kept.map(({ name }) => name)).toEqual(["root"]);
    expect(settings()).not.toContain("root:");
    const chain = lab.file("clients/bob/chain.crt");
    const args = ["verify", "-x509_strict", "-CAfile", lab.file("root.crt"), "-untrusted", chain, chain];
    expect(execFileSync("openssl", args, { encoding: "utf8" })).toBe(`${chain}: OK\n`);
  });
});

describe("unrevoke", () => {
  it("lets the client in again, and leaves the file as it was", async () => {
    expect((await lab.lab("unrevoke", "alice")).status).toBe(0);
    expect(listed()).toEqual([]);
    expect(settings()).not.toContain("revoked");
  });
});

describe("an update that fails", () => {
  /** Runs a verb while a file stands where the lab wants a folder. */
  async function inTheWayOf(folder: string, ...args: [string, ...string[]]) {
    renameSync(lab.file(folder), lab.file(`${folder}.away`));
    writeFileSync(lab.file(folder), "");
    try {
      return await lab.lab(...args);
    } finally {
      rmSync(lab.file(folder));
      renameSync(lab.file(`${folder}.away`), lab.file(folder));
    }
  }

  it("leaves no trace of a renewal in the file", async () => {
    const before = settings();
    const { status: code, stderr } = await inTheWayOf("clients/bob", "renew", "bob");
    expect(code).toBe(1);
    expect(stderr).toContain(`${FILE} is as it was before\n`);
    expect(stderr).toContain(`the update of stack ${lab.stack} failed: see the error above; what it had done stays`);
    expect(settings()).toBe(before);
  });

  it("keeps what is revoked, says that it may not be in force, and so does status until up has brought it into force", async () => {
    const { status: code, stderr } = await inTheWayOf("site", "revoke", "bob");
    expect(code).toBe(1);
    const cure = `npm run up -- --stack ${lab.stack} brings it into force`;
    expect(stderr).toContain(`'bob' is entered in ${FILE}, but may still be let in: ${cure}\n`);
    expect((await status()).warnings).toEqual([`bob is revoked (unspecified) in ${FILE}, but not in force: ${cure}`]);

    expect((await lab.lab("up")).status).toBe(0);
    expect((await status()).warnings).toEqual([]);
    expect(listed()).toEqual([certificate("bob").serialNumber]);
    expect((await lab.lab("unrevoke", "bob")).stdout).toContain("'bob' is not revoked any more.");
  });
});

describe("renew root", () => {
  const serialOfRoot = async () => (await status()).certificates.find(({ name }) => name === "root")!.serialNumber;

  it("is refused while it is protected, before anything is written: every later update would fail", async () => {
    lab.configure({ deploy: "none", protectRoot: true });
    expect((await lab.lab("up")).status).toBe(0);
    const before = settings();
    expect(await lab.lab("renew", "alice", "root")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        `the root CA of stack ${lab.stack} is protected, and nothing was changed: to renew it, ` +
        `set mtls-lab:protectRoot to false in ${FILE}, and tell those who trust it\n`,
    });
    expect(settings()).toBe(before);
  });

  it("works as soon as the file protects it no more", async () => {
    const before = await serialOfRoot();
    lab.configure({ deploy: "none", protectRoot: false });
    expect((await lab.lab("renew", "root")).status).toBe(0);
    expect(await serialOfRoot()).not.toBe(before);
  });
});
