import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder that the engine keeps its own things in: plugins, selected stacks, logs.
 *
 * `PULUMI_HOME` names it; else it is the user's where they are logged in to a backend, because the engine finds the
 * login there; else one of our own in the cache, so that `~/.pulumi` is left alone.
 */
export function pulumiHome(cache: string, env: NodeJS.ProcessEnv = process.env): string {
  const users = env.PULUMI_HOME || join(homedir(), ".pulumi");
  return env.PULUMI_HOME || isLoggedIn(users) ? users : join(cache, "home");
}

/** Whether the user has chosen a backend with `pulumi login`. */
export function isLoggedIn(home: string): boolean {
  const credentials = join(home, "credentials.json");
  if (!existsSync(credentials)) return false;
  return Boolean((JSON.parse(readFileSync(credentials, "utf8")) as { current?: string }).current);
}

/**
 * Makes our own home. The engine writes a log of every run, with all properties of all resources (encrypted as the state
 * is), and has no switch for it: with a thousand clients that is 30 MB a run, and two thirds of its time. A file where
 * it wants a folder keeps it from that; `--logtostderr -v=9` still shows everything.
 */
export function makePulumiHome(cache: string, home: string): void {
  if (home !== join(cache, "home")) return; // the user's
  mkdirSync(home, { recursive: true });
  const log = join(home, "logs");
  if (!existsSync(log)) writeFileSync(log, "This file keeps the engine from writing a log of every run here.\n");
}
