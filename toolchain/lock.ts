import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { identify, stillRuns, type ProcessIdentity } from "./process-identity.ts";

const POLL_MILLISECONDS = 200;

/**
 * Does some work while no other process does it. The lock of a process that no longer runs does not count.
 *
 * @param path of the lock file.
 * @param waiting is told once who holds the lock, if it is held.
 */
export async function withLock<T>(path: string, waiting: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (let told = false; !take(path); await sleep(POLL_MILLISECONDS)) {
    const holder = holderOf(path);
    if (holder !== undefined && !told) waiting(holder.pid);
    told ||= holder !== undefined;
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Whether a process that runs has the lock. */
export function isHeld(path: string): boolean {
  return holderOf(path) !== undefined;
}

function take(path: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    // A link is made in one step and complete with its content, or not at all.
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Who holds the lock; takes a lock away that nobody holds. */
function holderOf(path: string): ProcessIdentity | undefined {
  const text = read(path);
  if (text === undefined) return undefined;
  const holder = parse(text);
  if (holder !== undefined && stillRuns(holder)) return holder;
  // Moved, not removed: another process may have taken the dead lock away and put its own in place meanwhile.
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
    if (read(aside) !== text) linkSync(aside, path);
  } catch {
    // Somebody else was quicker.
  }
  rmSync(aside, { force: true });
  return undefined;
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
