/** What `down` takes away and what it leaves, on the real engine. Without a container: that, tests/integration shows. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { Checkout, type Outcome, run } from "../checkout.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

let lab: Checkout;
/** A backend that is the user's own choice. */
let elsewhere: { folder: string; env: NodeJS.ProcessEnv };

beforeEach(() => {
  lab = new Checkout(`it-down-${process.pid}`);
  lab.configure({ deploy: "none" });
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-backend-"));
  elsewhere = {
    folder,
    env: { PULUMI_BACKEND_URL: pathToFileURL(folder).href, PULUMI_CONFIG_PASSPHRASE: "of this test" },
  };
});
afterEach(() => {
  rmSync(lab.root, { recursive: true }); // keys and files only: nothing runs
  rmSync(elsewhere.folder, { recursive: true });
});

function mtlsLab(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const script = join(lab.root, "cli", "bootstrap.mjs");
  return run(process.execPath, [script, ...args], lab.root, { ...process.env, ...env });
}

async function succeed(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { status, stdout, stderr } = await mtlsLab(args, env);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** A part of `down --all`. Not the verb itself: it would stop the Docker daemon of this machine's other runs. */
function part(script: string): Promise<Outcome> {
  return run(process.execPath, ["--input-type=module", "--eval", script], lab.root);
}

async function everyStack(): Promise<string[]> {
  const { stdout } = await part(
    'console.log(JSON.stringify(await (await import("./cli/made-stacks.ts")).everyStack()))',
  );
  return JSON.parse(stdout) as string[];
}

const here = (path = "") => existsSync(join(lab.root, ".lab", path));
const isGone = (stack: string) => `Stack ${stack} is gone, with its certificates, keys and state.\n`;

describe("down", () => {
  it("leaves the files of a stack whose state is elsewhere, and .lab for as long as there are some", async () => {
    await succeed(["up", "--stack", "ci"], elsewhere.env);
    await succeed(["up", "--stack", lab.stack]);
    expect(await succeed(["down", "--stack", lab.stack])).toContain(isGone(lab.stack));
    expect(here("ci/root.crt")).toBe(true);
    expect(here(lab.stack)).toBe(false);

    expect(await succeed(["down", "--stack", "ci"], elsewhere.env)).toContain(isGone("ci"));
    expect(here()).toBe(false);
  });

  it("destroys a stack whose state is elsewhere also when .lab is gone", async () => {
    await succeed(["up", "--stack", "ci"], elsewhere.env);
    rmSync(join(lab.root, ".lab"), { recursive: true });
    expect(await succeed(["down", "--stack", "ci"], elsewhere.env)).toContain(isGone("ci"));
    expect(
      readdirSync(join(elsewhere.folder, ".pulumi/stacks/mtls-lab")).filter((file) => file.endsWith(".json")),
    ).toEqual([]);
    expect(here()).toBe(false);
  });

  it("says nothing and makes nothing where nothing was ever up", async () => {
    expect(await mtlsLab(["down"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(here()).toBe(false);
  });

  it("takes a stack away whose file is gone", async () => {
    await succeed(["up", "--stack", lab.stack]);
    rmSync(join(lab.root, `Pulumi.${lab.stack}.yaml`));
    expect(await everyStack()).toEqual(["ci", "dev", lab.stack, "prod", "seed"]);
    expect(await succeed(["down", "--stack", lab.stack])).toContain(isGone(lab.stack));
    expect(await everyStack()).toEqual(["ci", "dev", "prod", "seed"]);
    expect(here()).toBe(false);
  });

  it("keeps a protected root of a stack whose file is gone", async () => {
    lab.configure({ deploy: "none", protectRoot: true });
    await succeed(["up", "--stack", lab.stack]);
    rmSync(join(lab.root, `Pulumi.${lab.stack}.yaml`));
    const { status, stderr } = await mtlsLab(["down", "--stack", lab.stack]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        `the root CA of stack ${lab.stack} is protected, and nothing was removed: ` +
        `to lose it for good, npm run down -- --stack ${lab.stack} --unprotect\n`,
    });
    expect(here(`${lab.stack}/root.crt`)).toBe(true);
  });

  it("of all stacks goes on after one that must stay, and fails in the end", async () => {
    lab.configure({ deploy: "none", protectRoot: true });
    for (const stack of [lab.stack, "ci"]) await succeed(["up", "--stack", stack]);

    const names = JSON.stringify([lab.stack, "ci"]);
    const { status, stdout, stderr } = await part(
      `await (await import("./cli/down.ts")).downEach(${names}, {}).catch(({ message }) => console.error(message))`,
    );
    expect({ status, end: stdout.endsWith(isGone("ci")) }).toEqual({ status: 0, end: true });
    expect(stderr.split("\n")).toEqual([
      expect.stringContaining(`the root CA of stack ${lab.stack} is protected`),
      `not everything is down: stack ${lab.stack} stays, and so does what set-up started`,
      "",
    ]);
    expect([here(`${lab.stack}/root.crt`), here("ci")]).toEqual([true, false]);
  });
});
