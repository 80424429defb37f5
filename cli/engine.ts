import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";

import { cacheFolder } from "../toolchain/cache.ts";
import { causeOf, Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { isLoggedIn, pulumiHome } from "../toolchain/pulumi-home.ts";
import { shellWord } from "../toolchain/shell-word.ts";
import { endOrphans, RUN } from "./orphans.ts";
import { LAB, PROJECT, type Stack } from "./stack.ts";

/** The engine, ready to work on one stack. */
export interface Engine {
  /** The environment that every call gets. */
  env: NodeJS.ProcessEnv;
  stack: Stack;
  /** The stack's settings and the salt of its secrets. The engine would write the salt into the committed file. */
  configFile: string;
}

/** A project without a program, for commands that need none: what they write stays out of the checkout. */
export const ENGINE_FOLDER = join(LAB, "engine");
/** Where the state is, unless the user has chosen another backend. */
export const STATE_FOLDER = join(LAB, "state");
/** The states in it, each a file `<stack>.json`. */
export const STATES = join(STATE_FOLDER, ".pulumi", "stacks", PROJECT);
/** What the user may have set for other backends; ours is to be found where it was left. */
const OWN_LAYOUT = Object.fromEntries(
  ["GZIP", "ZSTD", "LEGACY_LAYOUT"].flatMap((what) => [
    [`PULUMI_DIY_BACKEND_${what}`, "false"],
    [`PULUMI_SELF_MANAGED_STATE_${what}`, "false"],
  ]),
);
/**
 * Without the files of metadata that the engine would write beside each state, and not in one step as the state: an
 * engine killed at that moment could not read its state again.
 */
const OWN_BACKEND = `${pathToFileURL(STATE_FOLDER).href}?metadata=skip&no_tmp_dir=true`;

/** Prepares the work on a stack: backend, passphrase, working copy of its settings. Creates it where it is new. */
export async function openEngine(stack: Stack, toolsEnv: NodeJS.ProcessEnv): Promise<Engine> {
  const engine = engineFor(stack, toolsEnv);
  await mkdir(STATE_FOLDER, { recursive: true, mode: 0o700 });
  await mkdir(ENGINE_FOLDER, { recursive: true, mode: 0o700 });
  await chmod(ENGINE_FOLDER, 0o700); // an older one may be open to others
  await savedSettings(engine); // the engine could not read what this cannot
  await writeFile(join(ENGINE_FOLDER, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
  if (!isMade(engine) || !existsSync(engine.configFile)) {
    await query(engine, ["stack", "select", "--create", stack.name]);
  }
  await writeSettings(engine, stack.settings);
  return engine;
}

/**
 * How the engine is called for a stack. Makes nothing but, once, the passphrase.
 *
 * @throws {Failure} with exit code 2 where the user's backend is a folder that is not there.
 */
export function engineFor(stack: Stack, toolsEnv: NodeJS.ProcessEnv): Engine {
  requireBackend(toolsEnv.PULUMI_BACKEND_URL);
  const env = { ...toolsEnv, ...ownBackend(toolsEnv), ...passphrase(toolsEnv) };
  return { env, stack, configFile: join(ENGINE_FOLDER, `Pulumi.${stack.name}.yaml`) };
}

/** Whether the backend has the stack. With another backend than our own: perhaps. */
export function isMade(engine: Engine): boolean {
  const file = stateFile(engine);
  return file === undefined || existsSync(file);
}

/** Path of the stack's state. Undefined with another backend than our own. */
export function stateFile(engine: Engine): string | undefined {
  return engine.env.PULUMI_BACKEND_URL === OWN_BACKEND ? ownStateFile(engine.stack.name) : undefined;
}

/** Path of a stack's state in our own backend, whether it is there or not. */
export function ownStateFile(stack: string): string {
  return join(STATES, `${stack}.json`);
}

/** Writes the working copy of the settings in one step; what the engine put there (its salt) stays. */
export async function writeSettings(engine: Engine, settings: Record<string, unknown>): Promise<void> {
  const { configFile, stack } = engine;
  const text = stringify({ ...(await savedSettings(engine)), config: settings }, QUOTED);
  await mkdir(stack.directory, { recursive: true, mode: 0o700 });
  const temporary = `${configFile}.${process.pid}`; // a preview may run beside an update
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, configFile);
}

/** The working copy of the settings. Undefined: there is none yet. Throws a {@link Failure} where it is damaged. */
async function savedSettings({ configFile }: Engine): Promise<Record<string, unknown> | undefined> {
  if (!existsSync(configFile)) return undefined;
  const text = await readFile(configFile, "utf8");
  try {
    const saved: unknown = parse(text);
    if (typeof saved !== "object" || saved === null || Array.isArray(saved)) throw new Error("it has no settings");
    return saved as Record<string, unknown>;
  } catch (error) {
    const path = relative(packageRoot, configFile);
    // The state has the salt of its own secrets; the engine makes another one for those that it encrypts next.
    throw new Failure(
      `${path} is damaged (${causeOf(error).replace(/:$/, "")}): remove it, rm ${path}, and the next run makes it anew; ` +
        "the secrets in the state stay readable",
    );
  }
}

/** The engine's YAML takes 2030-01-31T00:00:00Z without quotes for something else than text. */
const QUOTED = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;

/** Commands that read the stack's settings. */
const READS_CONFIG = ["up", "preview", "refresh", "destroy"];

/**
 * Lets the engine work on the stack, in the checkout. The user sees its own output. The stack is named by a variable:
 * commands that are about no stack do not know `--stack`.
 */
export async function operate({ env, stack, configFile }: Engine, args: string[]): Promise<number> {
  const options = [
    ...(READS_CONFIG.includes(args[0]!) ? ["--config-file", configFile] : []),
    ...(process.stdout.isTTY ? [] : ["--non-interactive"]),
  ];
  const { status } = await run({ ...env, PULUMI_STACK: stack.name }, [...args, ...options], packageRoot, "inherit");
  return status;
}

/** Asks the engine something and returns its standard output. Throws a {@link Failure} with its words. */
export async function query(engine: Engine, args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(engine.env, [...args, "--non-interactive"], ENGINE_FOLDER, "pipe");
  if (status !== 0) throw new Failure(explained(stderr.trim() || stdout.trim()));
  return stdout;
}

async function run(env: NodeJS.ProcessEnv, args: string[], cwd: string, output: "inherit" | "pipe") {
  const mark = randomUUID();
  const child = spawn("pulumi", args, {
    cwd,
    env: { ...env, [RUN]: mark },
    stdio: [output === "inherit" ? "inherit" : "ignore", output, output],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // The terminal sends its interrupt to the engine as well, which then ends in its own way: wait for it.
  const wait = () => undefined;
  const end = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", end);
  const status = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (_, signal) => signal && endOrphans(mark));
    child.on("close", (code) => resolve(code ?? 1));
  });
  process.off("SIGINT", wait).off("SIGTERM", end);
  return { status, stdout, stderr };
}

/** Our own backend, files in the checkout, as the engine is told of it. Undefined where the user has chosen another or is logged in. */
export function ownBackend(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  if (env.PULUMI_BACKEND_URL || isLoggedIn(pulumiHome(cacheFolder(env), env))) return undefined;
  return { ...OWN_LAYOUT, PULUMI_BACKEND_URL: OWN_BACKEND };
}

/** Of another backend than a folder the engine says it better. */
function requireBackend(url = ""): void {
  if (!url.startsWith("file:///")) return;
  const folder = fileURLToPath(url);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Failure(
    `PULUMI_BACKEND_URL is ${url}, and ${folder} is no folder: make it, mkdir -p ${shellWord(folder)}, or unset the variable`,
    2,
  );
}

/** The user's passphrase; else one that is generated once and kept beside the state. */
function passphrase(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE) return {};
  const file = join(LAB, "passphrase");
  mkdirSync(LAB, { recursive: true, mode: 0o700 });
  if (!existsSync(file) && existsSync(STATES)) {
    throw new Failure(
      "the passphrase .lab/passphrase is gone, and nothing else opens the state: put it back, or give the lab up for good: " +
        `docker rm -f $(docker ps -aq --filter name=^${PROJECT}-); rm -r .lab`,
    );
  }
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

/** The engine's error in one line, with what to do where that is known. */
function explained(text: string): string {
  const line = text.split("\n").find((candidate) => candidate.startsWith("error:")) ?? text.split("\n")[0]!;
  return line.includes("incorrect passphrase")
    ? `${line}: set PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with, or restore .lab/passphrase`
    : line;
}
