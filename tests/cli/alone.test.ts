/** Runs on one stack at the same time, on the real engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { cacheFolder, stackLock } from "../../toolchain/cache.ts";
import { withLock } from "../../toolchain/lock.ts";
import { Checkout } from "../checkout.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

let lab: Checkout;
beforeEach(() => {
  lab = new Checkout(`it-alone-${process.pid}`);
  lab.configure({ deploy: "none" });
});
afterEach(() => rmSync(lab.root, { recursive: true })); // keys and files only: nothing runs

/** Does something while this process changes a stack of the checkout. */
function whileChanging<T>(stack: string, work: () => Promise<T>): Promise<T> {
  return withLock(stackLock(cacheFolder(), lab.root, stack), () => undefined, work);
}

/** Starts a verb and waits for what it says first on standard error. */
async function started(verb: string, ...args: string[]) {
  const script = join(lab.root, "cli", "bootstrap.mjs");
  const stdio = ["ignore", "ignore", "pipe"] as const;
  const child = spawn(process.execPath, [script, verb, "--stack", lab.stack, ...args], {
    cwd: lab.root,
    stdio: [...stdio],
  });
  const ended = once(child, "exit");
  const [said] = (await once(child.stderr.setEncoding("utf8"), "data")) as [string];
  return { said, status: async () => ((await ended) as [number])[0] };
}

const here = (path = "") => existsSync(join(lab.root, ".lab", path));

describe("a run that changes a stack", () => {
  it.each([
    ["up", [], 0],
    ["down", [], 0],
    ["renew", ["alice"], 1],
    ["revoke", ["alice"], 1],
    ["unrevoke", ["alice"], 2],
  ])("waits for the one before it, and says so: %s", async (verb, args, status) => {
    const waiting = await whileChanging(lab.stack, () => started(verb, ...args));

    expect(waiting.said).toBe(`Another run changes stack ${lab.stack} (pid ${process.pid}): waiting for it.\n`);
    expect(await waiting.status()).toBe(status);
  });

  it("keeps nobody from looking", async () => {
    await lab.lab("up");
    const statuses = await whileChanging(lab.stack, async () => [
      (await lab.lab("preview")).status,
      (await lab.lab("status")).status,
      (await lab.lab("export", "--list")).status,
    ]);

    expect(statuses).toEqual([0, 0, 0]);
  });

  it("keeps its passphrase when the last other stack goes down", async () => {
    await lab.lab("up");
    const { status } = await whileChanging("dev", () => lab.lab("down"));

    expect({ status, files: here(lab.stack), passphrase: here("passphrase") }).toEqual({
      status: 0,
      files: false,
      passphrase: true,
    });
    expect((await lab.lab("down")).status).toBe(0);
    expect(here()).toBe(false);
  });
});

describe("at the same time", () => {
  it("two first updates make one lab", async () => {
    const runs = await Promise.all([lab.lab("up"), lab.lab("up")]);

    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect((await lab.lab("up")).stdout).toContain("26 unchanged");
  });

  it("a first update and its end leave the whole lab or nothing", async () => {
    const runs = await Promise.all([lab.lab("up"), lab.lab("down")]);

    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(here()).toBe(here(`${lab.stack}/root.crt`));
  });
});
