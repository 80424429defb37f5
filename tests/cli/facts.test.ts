/** What is said of files that are damaged. Of files that are not: revoke-and-renew.test.ts. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { beforeEach, describe, expect, it } from "@jest/globals";

import { pkiStatus } from "../../cli/facts.ts";
import { checkedStack, type Stack } from "../../cli/stack.ts";
import { issueCrl } from "../../provider/x509/crl.ts";
import { packageRoot } from "../../toolchain/package-root.ts";
import { writeStackFiles } from "../stack-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { inDays } from "../test-pki.ts";

const CERTIFICATE = "clients/alice/client.crt";
const LIST = "site/current/client-ca.crl";

let stack: Stack;
const at = (path: string) => join(stack.directory, path);
const text = (path: string) => readFileSync(at(path), "utf8");

beforeEach(async () => {
  stack = { ...(await checkedStack("test", {})), directory: temporaryFolder() };
  const issuer = await writeStackFiles(stack.directory, ["alice", "bob"]);
  mkdirSync(at("site/current"), { recursive: true });
  const list = { number: 1, thisUpdate: inDays(-1), nextUpdate: inDays(90), entries: [] };
  writeFileSync(at(LIST), await issueCrl(list, issuer));
});

/** Names of the certificates, number of the lists, and warnings of damage. */
async function found() {
  const { certificates, revocationLists, warnings } = await pkiStatus(stack);
  return {
    names: certificates.map(({ name }) => name),
    lists: revocationLists.length,
    damage: warnings.filter((warning) => warning.includes("damaged")),
  };
}

const damageTo = (path: string) => `${relative(packageRoot, at(path))} is damaged: npm run up -- --stack test mends it`;

describe("the status of a stack", () => {
  it("has no warning of files that are whole, or not there yet", async () => {
    expect(await found()).toEqual({ names: ["root", "alice", "bob"], lists: 1, damage: [] });
    rmSync(at(CERTIFICATE));
    expect(await found()).toEqual({ names: ["root", "bob"], lists: 1, damage: [] });
  });

  it.each<[string, (whole: string) => string]>([
    ["empty", () => ""],
    ["cut in the middle", (whole) => whole.slice(0, 200)],
    ["cut after its first line", (whole) => whole.slice(0, whole.indexOf("\n") + 1)],
    ["missing a line", (whole) => whole.replace(/\n.+\n/, "\n")],
    ["rubbish", () => "rubbish"],
    ["whole, and followed by half of another", (whole) => whole + whole.slice(0, 200)],
  ])("warns of a certificate and a list that are %s, and leaves them out", async (_, damage) => {
    for (const path of [CERTIFICATE, LIST]) writeFileSync(at(path), damage(text(path)));
    expect(await found()).toEqual({
      names: ["root", "bob"],
      lists: 0,
      damage: [damageTo(CERTIFICATE), damageTo(LIST)],
    });
  });

  it("warns of a folder in the place of a file", async () => {
    rmSync(at(CERTIFICATE));
    mkdirSync(at(CERTIFICATE));
    expect((await found()).damage).toEqual([damageTo(CERTIFICATE)]);
  });
});

describe("the names of the CAs", () => {
  it.each<[string, object, { trusted: number; sent: number }, string[]]>([
    ["before a rollover", {}, { trusted: 1, sent: 2 }, ["root", "intermediate"]],
    [
      "in its first stage",
      { trustedRoots: [1, 2] },
      { trusted: 2, sent: 2 },
      ["root", "root-2", "intermediate", "intermediate-2"],
    ],
    [
      "in its second stage",
      { trustedRoots: [1, 2], issuingRoot: 2 },
      { trusted: 2, sent: 3 },
      ["root", "root-2", "intermediate", "intermediate-2", "root-2-cross"],
    ],
    ["after it", { trustedRoots: [2], issuingRoot: 2 }, { trusted: 1, sent: 2 }, ["root-2", "intermediate-2"]],
  ])("are those of all that are trusted, %s", async (_, settings, { trusted, sent }, names) => {
    const certificate = text("root.crt");
    for (const file of ["root.crt", "intermediates.crt"]) writeFileSync(at(file), certificate.repeat(trusted));
    writeFileSync(at("site/current/server.crt"), certificate.repeat(sent));
    stack = { ...(await checkedStack("test", { config: settings })), directory: stack.directory };

    expect((await found()).names).toEqual([...names, "server", "alice", "bob"]);
  });
});
