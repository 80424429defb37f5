import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { HostNetwork } from "./host-network.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** What set-up started on this machine, so that exactly that can be stopped and removed again. */
export interface Started {
  dockerd?: StartedDaemon;
}

export interface StartedDaemon {
  /** Missing where set-up was killed in the instant between the start and this record. */
  readonly process?: ProcessIdentity;
  /** The boot of the machine in which `network` was taken. */
  readonly bootId: string;
  /** As it was before. Missing where another daemon shares it. */
  readonly network?: HostNetwork;
  /** Files and folders outside the cache that the daemon makes and that were not there before. */
  readonly files: string[];
}

/** What is on record; nothing where the record is missing or cannot be read. */
export function readStarted(cache: string): Started {
  try {
    const { dockerd } = JSON.parse(readFileSync(recordIn(cache), "utf8")) as Started;
    return dockerd?.bootId && dockerd.files ? { dockerd } : {};
  } catch {
    return {};
  }
}

/** Replaces the record in one step, so that it is never half-written. */
export function writeStarted(cache: string, started: Started): void {
  const path = recordIn(cache);
  if (Object.keys(started).length === 0) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(started, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.${process.pid}`, path);
}

function recordIn(cache: string): string {
  return join(cache, "started.json");
}
