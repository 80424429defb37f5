import { setTimeout as sleep } from "node:timers/promises";

import { docker, logLines } from "./docker.ts";
import { type Expected, probe } from "./probe.ts";

const POLL_MS = 20;
/** nginx is up in some 50 ms and reloads in less; ten seconds mean that something is wrong. */
const DEADLINE_MS = 10_000;
const LAST_LINES = 5;

/** Tells the nginx in a container to reload, and returns when it has taken or refused the new configuration. */
export async function reload(containerId: string, expected: Expected): Promise<void> {
  const container = docker.getContainer(containerId);
  // A master that is still starting has no signal handler yet: the signal would be lost.
  await until(containerId, "nginx does not answer", async () => Boolean(await probe(expected)));
  const since = Date.now() / 1000;
  await container.kill({ signal: "SIGHUP" });
  await until(containerId, "nginx did not reload", async () => {
    const lines = await logLines(container, 200, since);
    const refusal = lines.find((line) => line.includes("[emerg]"));
    if (refusal) throw new Refused(`nginx refused to reload: ${refusal}`);
    // New workers take connections at once, but the old ones as well until they have been told to go.
    return ["start worker process ", "gracefully shutting down"].every((words) =>
      lines.some((line) => line.includes(words)),
    );
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
  const lines = await logLines(docker.getContainer(containerId), LAST_LINES).catch(() => []);
  throw new Error(`${failure}${reason}; the last lines of nginx:\n${lines.join("\n")}`);
}

async function isRunning(containerId: string): Promise<boolean> {
  const { State } = await docker.getContainer(containerId).inspect();
  return State.Running;
}
