import { setTimeout as sleep } from "node:timers/promises";

import type Docker from "dockerode";

import { docker, dockerSays, errorLines } from "./docker.ts";
import { type Expected, difference, probe } from "./probe.ts";

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

/**
 * Has the nginx in a container take the configuration that is current now: by a reload or, where it does not run, by a start.
 * Returns when it has; throws nginx's own words where it refuses.
 */
export async function reload(containerId: string, expected: Expected): Promise<void> {
  const container = docker.getContainer(containerId);
  if (await started(container)) return;
  // A master that is still starting has no signal handler yet: the signal would be lost.
  await until(container, "nginx does not answer", async () => void (await probe(expected)));
  const since = Date.now() / 1000;
  await container.kill({ signal: "SIGHUP" });
  await until(container, "nginx did not reload", async () => {
    const lines = await errorLines(container, { since });
    const refusal = lines.find((line) => REFUSAL.test(line));
    if (refusal) throw new Final(`nginx refused to reload: ${refusal}`);
    return TAKEN.every((words) => lines.some((line) => words.test(line))) ? undefined : "its workers are the old ones";
  });
}

/** Has the container run, and returns when a client finds what is expected. */
export async function untilServed(containerId: string, expected: Expected): Promise<void> {
  const container = docker.getContainer(containerId);
  await started(container);
  const where = `${expected.address}:${expected.port}`;
  await until(container, `the site at ${where} is not what was declared`, async () =>
    difference(expected, await probe(expected)),
  );
}

/**
 * Makes a container run that is paused, was never started, has ended, or ends again and again.
 *
 * @returns whether nginx has been started for it.
 */
async function started(container: Docker.Container): Promise<boolean> {
  const status = await container.inspect().then(({ State }) => State.Status, cannotRun);
  if (status === "running") return false;
  if (status === "paused") await container.unpause();
  else await container.restart().catch(cannotRun);
  return status !== "paused";
}

function cannotRun(error: unknown): never {
  throw new Error(`the site's container cannot run: ${dockerSays(error)}`);
}

/** An error that no waiting will mend. */
class Final extends Error {}

/** Waits until there is no reason to. Throws the last one and nginx's last words when it takes too long or the container has ended. */
async function until(
  container: Docker.Container,
  failure: string,
  reasonNow: () => Promise<string | void>,
): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const reason = await reasonNow().catch((error: Error) => {
      if (error instanceof Final) throw error;
      return error.message;
    });
    if (reason === undefined) return;
    const ended = await howItEnded(container);
    if (ended === undefined && Date.now() < deadline) {
      await sleep(POLL_MS);
      continue;
    }
    const reasons = ended === undefined ? reason : `${reason}; ${ended}`;
    const lines = await errorLines(container, { tail: LAST_LINES }).catch(() => []);
    throw new Error([`${failure} (${reasons}); the last lines of nginx:`, ...lines].join("\n"));
  }
}

/** Why nobody can answer, as far as Docker knows. Undefined while the container runs. */
async function howItEnded(container: Docker.Container): Promise<string | undefined> {
  try {
    const { Status, ExitCode, OOMKilled } = (await container.inspect()).State;
    if (Status === "running") return undefined;
    return `its container is ${Status}, exit code ${ExitCode}${OOMKilled ? ", out of memory" : ""}`;
  } catch (error) {
    return dockerSays(error);
  }
}
