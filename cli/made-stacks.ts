/** The stacks that `up` has made something of, whether they still have a file Pulumi.<stack>.yaml or not. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

import { ENGINE_FOLDER, STATES } from "./engine.ts";
import { checkedStack, isLabsOwn, LAB, readStack, type Stack, stackNames } from "./stack.ts";

/** Names of the stacks that have a state in our own backend, or a working copy of their settings with any backend. */
export async function madeStacks(): Promise<string[]> {
  const states = await filesIn(STATES, /^(.+)\.json$/);
  return [...new Set([...states, ...(await filesIn(ENGINE_FOLDER, /^Pulumi\.(.+)\.yaml$/))])].sort();
}

/** Names of all stacks: those that have a file, and those that were made. */
export async function everyStack(): Promise<string[]> {
  return [...new Set([...(await stackNames()), ...(await madeStacks())])].sort();
}

/** Reads a stack: from its file or, where that is gone, from the working copy of its settings. */
export async function readMadeStack(name: string): Promise<Stack> {
  if ((await stackNames()).includes(name) || !(await madeStacks()).includes(name)) return readStack(name);
  const text = await readFile(join(ENGINE_FOLDER, `Pulumi.${name}.yaml`), "utf8").catch(() => "");
  return checkedStack(name, declared(text));
}

/** What a working copy declares; nothing where it is missing or damaged: that, `openEngine` explains. */
function declared(text: string): Record<string, unknown> {
  try {
    return (parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Whether nothing in .lab is any stack's: no state, no settings, no files. The passphrase opens nothing then. */
export async function isNobodys(): Promise<boolean> {
  return (await madeStacks()).length === 0 && (await filesIn(LAB, /^(.+)$/, true)).every(isLabsOwn);
}

/** What a pattern takes of the names of a folder's files, or of its folders; nothing where there is no such folder. */
async function filesIn(folder: string, pattern: RegExp, folders = false): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() === folders)
    .flatMap(({ name }) => pattern.exec(name)?.[1] ?? []);
}
