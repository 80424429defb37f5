import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { causeOf, Failure } from "./failure.ts";

/**
 * The folder of everything that set-up fetches, builds or starts. It is outside the clone, so `npm ci` and a second
 * clone find it filled.
 *
 * `MTLS_LAB_CACHE` names it; else it is `mtls-lab` in `XDG_CACHE_HOME`.
 *
 * @default ~/.cache/mtls-lab
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.MTLS_LAB_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mtls-lab");
}

/** Makes the folder. Throws a {@link Failure} where it cannot be made or written to, as where HOME is nobody's. */
export function makeCache(cache: string): void {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    accessSync(cache, constants.W_OK);
  } catch (error) {
    throw new Failure(
      `the cache ${cache} cannot be written to (${causeOf(error)}): set HOME, or MTLS_LAB_CACHE to a folder of yours`,
    );
  }
}

/** The lock of whoever changes what is in the cache or on the machine. */
export function setUpLock(cache: string): string {
  return join(cache, "set-up.lock");
}

/** The lock of whoever changes a stack of a checkout. Not in that: its last `down` removes all that was made there. */
export function stackLock(cache: string, checkout: string, stack: string): string {
  return join(cache, "locks", createHash("sha256").update(`${checkout}\n${stack}`).digest("hex").slice(0, 16));
}
