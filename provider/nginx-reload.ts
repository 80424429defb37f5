import { setTimeout as sleep } from "node:timers/promises";

import { docker, errorLines } from "./docker.ts";
import { type Expected, probe } from "./probe.ts";

const POLL_MS = 20;
/** nginx is up in some 50 ms and reloads in less; ten seconds mean that something is wrong. */
const DEADLINE_MS = 10_000;
const LAST_LINES = 5;
/** Of nginx itself: what it says of a client's connection has `*` and a number before the words, and quotes the client. */
const REFUSAL = /^\S+ \S+ \[emerg\] \d+#\d+: (?!\*)/;
/** New workers take connections at once, but the old ones as well until they have been told to go. */
const TAKEN = [
  /^\S+ \S+ \[notice\] \d+#\d+: start worker process \d+$/,
  /^\S+ \S+ \[notice\] \d+#\d+: gracefully shutting down$/,
];

/** Tells the nginx in a container to reload, and returns when it has taken or refused the new configuration. */
export async function reload(containerId: string, expected: Expected): Promise<void> {
  const container = docker.getContainer(containerId);
  // A master that is still starting has no signal handler yet: the signal would be lost.
  await until(containerId, "nginx does not answer", async () => Boolean(await probe(expected)));
  const since = Date.now() / 1000;
  await container.kill({ signal: "SIGHUP" });
  await until(containerId, "nginx did not reload", async () => {
    const lines = await errorLines(container, { since });
    const refusal = lines.find((line) => REFUSAL.test(line));
    if (refusal) throw new Refused(`nginx refused to reload: ${refusal}`);
    return TAKEN.every((words) => lines.some((line) => words.test(line)));
  });
}

/** Returns when a client finds what is expected. */
export async function untilServed(containerId: string, expected: Expected): Promise<void> {
  await until(containerId, "the site does not serve what was declared", async () => {
    const found = await probe(expected);
    return found.fingerprintSha256 === expected.fingerprintSha256 && found.status === expected.statusWithoutCertificate;
  });
}

class Refused extends Error {}

async function until(containerId: string, failure: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  let reason = "";
  while (Date.now() < deadline) {
    try {
      if (await done()) return;
      reason = "";
    } catch (error) {
      if (error instanceof Refused) throw error;
      reason = ` (${(error as Error).message})`;
      if (!(await isRunning(containerId))) break;
    }
    await sleep(POLL_MS);
  }
  const lines = await errorLines(docker.getContainer(containerId), { tail: LAST_LINES }).catch(() => []);
  throw new Error(`${failure}${reason}; the last lines of nginx:\n${lines.join("\n")}`);
}

async function isRunning(containerId: string): Promise<boolean> {
  const { State } = await docker.getContainer(containerId).inspect();
  return State.Running;
}
