import { homedir } from "node:os";
import { join } from "node:path";

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

/** The lock of whoever changes what is in the cache or on the machine. */
export function setUpLock(cache: string): string {
  return join(cache, "set-up.lock");
}
