import { rmSync } from "node:fs";
import { join } from "node:path";

import type { HostNetwork } from "./host-network.ts";
import { readJson, writeJson } from "./json-file.ts";
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
  /** @default /var/run/docker.sock */
  readonly socket?: string;
  /** As it was before. Missing where another daemon shares it. */
  readonly network?: HostNetwork;
  /** Files and folders outside the cache that the daemon makes and that were not there before. */
  readonly files: string[];
}

/** What is on record; nothing where the record is missing or cannot be read. */
export function readStarted(cache: string): Started {
  const { dockerd } = (readJson(recordIn(cache)) ?? {}) as Started;
  return dockerd?.bootId && dockerd.files ? { dockerd } : {};
}

/** Replaces the record; nothing to record leaves no file. */
export function writeStarted(cache: string, started: Started): void {
  const path = recordIn(cache);
  if (Object.keys(started).length === 0) return rmSync(path, { force: true });
  writeJson(path, started);
}

function recordIn(cache: string): string {
  return join(cache, "started.json");
}
