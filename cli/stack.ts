import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

import { checkConfig, ConfigError, type LabConfig } from "../config.ts";
import { readOwnRoot } from "../lab/own-root.ts";
import { causeOf, Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";

/** A stack as its files declare it. */
export interface Stack {
  name: string;
  config: LabConfig;
  /** What the stack's file sets, as it is written there. */
  settings: Settings;
  /** Where `up` puts its files. */
  directory: string;
}

/** What a stack's file sets, by prefixed key. */
type Settings = Record<string, unknown>;

/** The project's name in Pulumi.yaml, and the prefix of its configuration keys. */
export const PROJECT = "mtls-lab";
/** Everything that is made at run time. */
export const LAB = join(packageRoot, ".lab");

/** What the engine takes as a name, and what is one part of a path. */
const STACK_NAME = /^(?=.{1,100}$)[A-Za-z0-9][\w-]*(\.[\w-]+)*$/;
/** What is in .lab and is no stack's: the state, the engine's working copies, the passphrase, an installation under way. */
const OWN = /^(state|engine|passphrase|export\.json|install-\d+)$/;

/** Names of the stacks that have a file. */
export async function stackNames(): Promise<string[]> {
  const files = await readdir(packageRoot);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/** Reads and checks a stack. Throws a {@link Failure} with exit code 2: nothing has been done yet. */
export async function readStack(name: string): Promise<Stack> {
  const names = await stackNames();
  if (!names.includes(name)) {
    throw new Failure(`stack '${name}' is unknown: choose one of ${names.join(", ")}, or write Pulumi.${name}.yaml`, 2);
  }
  return checkedStack(name, await readYaml(`Pulumi.${name}.yaml`));
}

/** What may stand beside `config` in a stack's file: the engine writes it. */
const ENGINES_KEYS = ["encryptionsalt", "secretsprovider", "encryptedkey", "environment"];

/** The stack that a file with this content declares. Throws a {@link Failure} with exit code 2 where it is wrong. */
export async function checkedStack(name: string, content: Record<string, unknown>): Promise<Stack> {
  refuseName(name);
  const settings = settingsIn(name, content);
  const project = await readYaml("Pulumi.yaml");
  const defaults = Object.entries(project.config as Record<string, { default: unknown }>);
  const values = [
    ...defaults.map(([key, declared]) => [key, declared.default]),
    ...Object.entries(settings)
      .map(([key, value]) => [key.replace(`${PROJECT}:`, ""), value] as const)
      .filter(([key]) => !key.includes(":")), // another namespace: a provider's
  ];
  return {
    name,
    config: checked(name, () => checkConfig(Object.fromEntries(values) as Record<string, unknown>)),
    settings,
    directory: join(LAB, name),
  };
}

/** A name is a part of paths: one like `..` would let `down` remove what is not the stack's. */
function refuseName(name: string): void {
  if (!STACK_NAME.test(name)) {
    throw new Failure(
      `a stack cannot be called '${name}': its name takes letters, digits and _ - . between them, at most 100`,
      2,
    );
  }
  if (isLabsOwn(name)) {
    throw new Failure(
      `a stack cannot be called '${name}', for .lab/${name} is the lab's own: rename Pulumi.${name}.yaml`,
      2,
    );
  }
}

/** Whether a name in .lab is no stack's. */
export function isLabsOwn(name: string): boolean {
  return OWN.test(name);
}

/** What stands below `config`. */
function settingsIn(stack: string, content: Record<string, unknown>): Settings {
  const refuse = (what: string) => new Failure(`Pulumi.${stack}.yaml ${what}`, 2);
  if (!isMapping(content)) throw refuse("must have its settings below `config:`");
  for (const key of Object.keys(content)) {
    if (key === "config" || ENGINES_KEYS.includes(key)) continue;
    throw refuse(`has '${key}' at its top level: settings go below \`config:\`, two spaces further in`);
  }
  const settings = content.config ?? {};
  if (!isMapping(settings)) throw refuse(`must have a map below \`config:\`, got ${JSON.stringify(settings)}`);
  for (const key of Object.keys(settings)) {
    if (Object.hasOwn(settings, `${PROJECT}:${key}`)) throw refuse(`sets '${key}' twice, with and without ${PROJECT}:`);
  }
  return settings;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws a {@link Failure} with exit code 2 unless the files that the configuration names can be read. */
export function requireFiles({ name, config }: Stack): void {
  checked(name, () => readOwnRoot(config));
}

/** Throws a {@link Failure} unless `up` has put the stack's files there. */
export function requireUp({ name, directory }: Stack): void {
  if (existsSync(join(directory, "root.crt"))) return;
  throw new Failure(`stack ${name} is not up: npm run up -- --stack ${name}`);
}

async function readYaml(file: string): Promise<Record<string, unknown>> {
  try {
    return (parse(await readFile(join(packageRoot, file), "utf8")) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${causeOf(error).replace(/:$/, "")}`, 2);
  }
}

function checked<T>(stack: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ConfigError) throw new Failure(`Pulumi.${stack}.yaml: ${error.message}`, 2);
    throw error;
  }
}
