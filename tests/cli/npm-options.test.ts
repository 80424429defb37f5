/** Options that npm takes for itself, with the real npm of this machine. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { Command } from "commander";

import { takenByNpm } from "../../cli/npm-options.ts";
import { Checkout, run } from "../checkout.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new Checkout(`it-npm-${process.pid}`);
afterAll(() => rmSync(lab.root, { recursive: true, force: true }));

/** Runs a script by npm, which writes of its own to standard output where it is asked for JSON. */
async function npm(...args: string[]) {
  const { status, stderr } = await run("npm", ["run", "--silent", ...args], lab.root);
  return { status, stderr };
}

describe("a verb called by npm", () => {
  it.each([
    ["down --stack=prod", "--stack", "down -- --stack prod"],
    ["down --stack prod", "--stack", "down -- --stack <name>"],
    ["down --all", "--all", "down -- --all"],
    ["down --unprotect -- --stack=ci", "--unprotect", "down -- --unprotect --stack=ci"],
    ["renew alice bob --stack=prod", "--stack", "renew -- --stack prod alice bob"],
    [
      "export alice --out bob --password-file=own",
      "--out and --password-file",
      "export -- --out <file> --password-file <file> …",
    ],
    ["pulumi --stack=prod -- refresh", "--stack", "pulumi -- --stack prod refresh"],
    ["logs -f", "--follow", "logs -- --follow"],
    ["status --json", "--json", "status -- --json"],
    ["trust --yes --store=java --store=nss", "--store and --yes", "trust -- --store java nss --yes"],
    ["test --stack=dev", "--stack", "test -- --stack dev"],
  ])("says what npm took, and what to write: npm run %s", async (typed, options, command) => {
    expect(await npm(...typed.split(" "))).toEqual({
      status: 2,
      stderr: `npm took ${options} for itself: write \`npm run ${command}\`\n`,
    });
  });

  it("goes on with what came after --, and with what an .npmrc sets", async () => {
    const file = join(lab.root, ".npmrc");
    writeFileSync(file, "json = true\nforce=true\n");
    const refused = { status: 1, stderr: "stack ci is not up: npm run up -- --stack ci\n" };

    expect(await npm("status", "--", "--stack", "ci")).toEqual(refused);
    expect(await npm("export", "--stack=dev", "--", "--stack", "ci", "--list")).toEqual(refused);
    rmSync(file);
  });

  it("says where options go when npm has taken one without a trace", async () => {
    // It takes --format for its own --format-package-lock.
    expect(await npm("export", "alice", "--format", "pem")).toEqual({
      status: 2,
      stderr:
        "error: too many arguments for 'export'. Expected 1 argument but got 2.\n" +
        "(options come after `--`: `npm run <verb> -- --help` shows them)\n",
    });
  });
});

describe("a verb called by a script of another name", () => {
  it("does not take that one's options for its own", () => {
    const verb = new Command("down").option("--stack <name>");
    const env = { npm_lifecycle_event: "down", npm_config_stack: "prod" };

    expect(takenByNpm(verb, [], env)).toContain("npm took --stack");
    expect(takenByNpm(verb, [], { ...env, npm_lifecycle_event: "deploy" })).toBeUndefined();
  });
});
