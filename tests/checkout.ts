/** A copy of the working tree with a stack and a state of its own, so that labs can run beside each other. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { listenProblem } from "../toolchain/port.ts";
import { childrenOf } from "../toolchain/process-identity.ts";

/** What a command printed, and how it ended. */
export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

const SOURCES = resolve(import.meta.dirname, "..");

/** A copy of the checkout in a temporary folder. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), "mtls-lab-"));
  readonly stack: string;
  /** Of the verbs. */
  env = process.env;

  /** @param stack name of its stack; also part of the container's name, so make it unique on the host. */
  constructor(stack: string) {
    this.stack = stack;
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: SOURCES, encoding: "utf8" });
    for (const file of files.trim().split("\n")) {
      if (existsSync(join(SOURCES, file))) cpSync(join(SOURCES, file), join(this.root, file)); // else removed, uncommitted
    }
    symlinkSync(join(SOURCES, "node_modules"), join(this.root, "node_modules"));
  }

  /** Writes the stack's file. Keys are those of Pulumi.yaml. */
  configure(settings: Record<string, unknown>): void {
    const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`mtls-lab:${key}`, value]));
    writeFileSync(join(this.root, `Pulumi.${this.stack}.yaml`), JSON.stringify({ config }));
  }

  /** Path of one of the files that `up` makes. */
  file(path: string): string {
    return join(this.root, ".lab", this.stack, path);
  }

  /** Runs a verb on the stack, as `npm run` does. */
  lab(verb: string, ...args: string[]): Promise<Outcome> {
    return run(process.execPath, [...this.arguments(verb), ...args], this.root, this.env);
  }

  /** Runs a verb and kills the engine as soon as it has printed a text. */
  labKilledAt(text: string, verb: string): Promise<Outcome> {
    return run(process.execPath, this.arguments(verb), this.root, this.env, (child, output) => {
      if (output.includes(text)) killChildren(child);
    });
  }

  /** Runs a verb, and does something in its middle: as soon as it has printed a text. */
  async labDisturbedAt(text: string, disturb: () => Promise<void>, verb: string, ...args: string[]): Promise<Outcome> {
    let disturbed: Promise<void> | undefined;
    const command = [...this.arguments(verb), ...args];
    const outcome = await run(process.execPath, command, this.root, this.env, (_, output) => {
      if (output.includes(text)) disturbed ??= disturb();
    });
    await disturbed;
    return outcome;
  }

  /** Runs a verb and kills the engine as soon as something is so in the world. */
  async labKilledWhen(isSo: () => boolean, verb: string): Promise<Outcome> {
    let watch: NodeJS.Timeout | undefined;
    const began = (child: ChildProcess) => {
      watch ??= setInterval(() => {
        if (isSo()) killChildren(child);
      }, 10);
    };
    return run(process.execPath, this.arguments(verb), this.root, this.env, began).finally(() => clearInterval(watch));
  }

  private arguments(verb: string): string[] {
    return [join(this.root, "cli", "bootstrap.mjs"), verb, "--stack", this.stack];
  }

  /** Takes the stack down and removes the copy. */
  async remove(): Promise<void> {
    const { status, stdout, stderr } = await this.lab("down", "--unprotect");
    rmSync(this.root, { recursive: true, force: true });
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
  }
}

/** Kills the engine of a verb; it may have ended by itself meanwhile. */
function killChildren(verb: ChildProcess): void {
  for (const engine of childrenOf(verb.pid!)) {
    try {
      process.kill(engine, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Runs a program to its end. `watch` is told what it has printed so far. */
export function run(
  program: string,
  args: string[],
  cwd?: string,
  env = process.env,
  watch?: (child: ChildProcess, stdout: string) => void,
): Promise<Outcome> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      watch?.(child, stdout);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status) => done({ status: status ?? 1, stdout, stderr }));
  });
}

/**
 * Loopback ports that nobody listens on now, all different. They are below those that the kernel gives to whoever asks for any, as the
 * engine does for itself: one of these would be taken while a site is away.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(10_000, 32_768);
    if ((await listenProblem(port, "127.0.0.1")) === undefined) found.add(port);
  }
  return [...found];
}
