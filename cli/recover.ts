/** What a killed run leaves behind in our own backend, put right before the next one. */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join, relative } from "node:path";

import { dockerClient, dockerHost } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { argumentsOf, identify } from "../toolchain/process-identity.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { containerName, isUnknown } from "./container.ts";
import { type Engine, query, stateFile, STATE_FOLDER } from "./engine.ts";
import { removeUnknownService } from "./service.ts";
import { LAB, PROJECT, type Stack } from "./stack.ts";

/** The engine writes a lock in one go: one that cannot be read for longer is what a killed run or a full disk has left. */
const WRITING_MS = 10_000;

/** Makes the next run possible. Throws a {@link Failure} when only the user can decide. */
export async function recover(engine: Engine): Promise<void> {
  const pending = await unlock(engine);
  if (stateFile(engine)) await removeUnknown(engine.stack);
  if (pending.length > 0) await forgetPending(engine);
}

/**
 * Makes it possible to read the state, and changes nothing else.
 *
 * @returns what a killed run has left unfinished.
 * @throws {Failure} where the state is damaged.
 */
export async function unlock(engine: Engine): Promise<unknown[]> {
  if (!stateFile(engine)) return []; // another backend: its own tools
  await removeDeadLock(engine);
  return (await readCheckpoint(engine.stack)).checkpoint.latest?.pending_operations ?? [];
}

/** The engine would keep them for ever: of its commands only one that also reads the whole world drops them. */
async function forgetPending(engine: Engine): Promise<void> {
  const stack = ["--stack", engine.stack.name];
  const state = JSON.parse(await query(engine, ["stack", "export", ...stack])) as {
    deployment: { pending_operations?: unknown };
  };
  delete state.deployment.pending_operations;
  const file = join(LAB, "export.json");
  await writeFile(file, JSON.stringify(state), { mode: 0o600 });
  await query(engine, ["stack", "import", "--file", file, ...stack]);
  await rm(file);
}

/** Removes a lock whose process is gone, or that was never whole; the lock of a living one is the engine's to explain. */
async function removeDeadLock(engine: Engine): Promise<void> {
  const folder = join(STATE_FOLDER, ".pulumi", "locks", "organization", PROJECT, engine.stack.name);
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) continue; // its run has ended meanwhile
    const lock = parsedLock(text);
    if (!lock) await removeUnreadable(file);
    else if (lock.hostname === hostname() && lock.pid !== undefined && !isEngine(lock.pid)) {
      await query(engine, ["cancel", "--yes", "--stack", engine.stack.name]);
      return;
    }
  }
}

/** Whether a process is an engine that runs: its pid may be another program's by now. */
function isEngine(pid: number): boolean {
  if (identify(pid) === undefined) return false;
  return process.platform !== "linux" || basename(argumentsOf(pid)[0] ?? "").includes("pulumi");
}

/** Undefined: it is not whole, also under the name that the engine writes it under before it counts. */
function parsedLock(text: string): { pid?: number; hostname?: string } | undefined {
  try {
    return (JSON.parse(text) as { pid?: number; hostname?: string } | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The engine cannot read it either, and would refuse every run. */
async function removeUnreadable(file: string): Promise<void> {
  const written = (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  if (Date.now() - written > WRITING_MS) return rm(file, { force: true });
  throw new Failure(
    `the lock ${relative(packageRoot, file)} is being written, or was by a run that was killed: ` +
      `try again in ${WRITING_MS / 1000} seconds`,
  );
}

/** Removes, past the engine, what Docker has of the site and our state does not know. */
export async function removeUnknown(stack: Stack): Promise<void> {
  if (stack.config.target === "swarm") return removeUnknownService(stack);
  if (!(await isUnknown(stack))) return;
  await (await dockerClient(dockerHost())).getContainer(containerName(stack)).remove({ force: true });
}
