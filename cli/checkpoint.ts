/** The state of a stack, as the engine keeps it in our own backend, and which copy to put back where it is damaged. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { SITE_LABEL } from "../rules/swarm.ts";
import { Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { containerName } from "./container.ts";
import { ownStateFile, STATE_FOLDER } from "./engine.ts";
import { PROJECT, type Stack } from "./stack.ts";

/** The part of a state that is looked at (pulumi, sdk/go/common/apitype). */
export interface Checkpoint {
  version: number;
  checkpoint: { latest?: { pending_operations?: unknown[] } | null };
}

/** What today's engines write: 4 where a resource makes use of what 3 cannot say. */
const VERSIONS = [3, 4];

/**
 * Reads the state of a stack that has one.
 *
 * @throws {Failure} where it is damaged, with the commands that mend it.
 */
export async function readCheckpoint(stack: Stack): Promise<Checkpoint> {
  const file = ownStateFile(stack.name);
  const checkpoint = parsedCheckpoint(await readFile(file, "utf8"));
  if (checkpoint) return checkpoint;
  const copy = await lastCopy(stack.name);
  const path = relative(packageRoot, file);
  throw new Failure(
    `the state ${path} is damaged (cut short or edited)` +
      (copy === undefined
        ? `, and it has no copy that is whole: give its CAs up and begin anew, ${giveUp(stack).join("; ")}`
        : `: put its last copy back, cp ${relative(packageRoot, copy)} ${path}`),
  );
}

/** What a text says if it is a state. Undefined: it is none. */
export function parsedCheckpoint(text: string): Checkpoint | undefined {
  try {
    const state = JSON.parse(text) as Checkpoint;
    const latest = state.checkpoint.latest ?? {}; // nothing was made of the stack yet
    const isState = VERSIONS.includes(state.version) && isObject(state.checkpoint) && isObject(latest);
    return isState && Array.isArray(latest.pending_operations ?? []) ? state : undefined;
  } catch {
    return undefined; // no JSON, or nothing where the checkpoint should be
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && !Array.isArray(value);
}

/** The copy before the last write, else the newest of those after each update. */
async function lastCopy(stack: string): Promise<string | undefined> {
  const folder = backupsOf(stack);
  const backups = await readdir(folder).catch(() => []);
  const byAge = backups.filter((name) => name.endsWith(".json")).sort(); // their names have the time, in nanoseconds
  for (const copy of [`${ownStateFile(stack)}.bak`, ...byAge.reverse().map((name) => join(folder, name))]) {
    if (parsedCheckpoint(await readFile(copy, "utf8").catch(() => ""))) return copy;
  }
  return undefined;
}

/** The commands after which `up` makes a stack anew. */
function giveUp(stack: Stack): string[] {
  const state = ownStateFile(stack.name);
  const lost = [stack.directory, state, `${state}.bak`, backupsOf(stack.name)].map((path) =>
    relative(packageRoot, path),
  );
  return [...removal(stack), `rm -rf ${lost.join(" ")}`];
}

/** The commands that take from Docker what a lost state no longer knows. */
function removal({ config, ...stack }: Stack): string[] {
  if (config.deploy === "none") return [];
  if (config.target === "container") return [`docker rm -f ${containerName(stack)}`];
  const label = `label=${SITE_LABEL}=${join(stack.directory, "site")}`;
  const ofKind = (kind: string) => `docker ${kind} rm $(docker ${kind} ls -q --filter ${label})`;
  return ["service", "secret", "config"].map(ofKind);
}

function backupsOf(stack: string): string {
  return join(STATE_FOLDER, ".pulumi", "backups", PROJECT, stack);
}
