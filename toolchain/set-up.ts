import { createRequire } from "node:module";
import { delimiter } from "node:path";

import { cacheFolder, makeCache, setUpLock } from "./cache.ts";
import { dockerDaemon } from "./docker-daemon.ts";
import { DEFAULT_SOCKET, dockerHost } from "./docker-host.ts";
import { engine } from "./engine.ts";
import { withLock } from "./lock.ts";
import { lookUp, obtain, type Need } from "./need.ts";
import { nginxImage } from "./nginx-image.ts";
import { plugin } from "./plugin.ts";
import { workOff, type Step } from "./progress.ts";
import { makePulumiHome, pulumiHome } from "./pulumi-home.ts";

/**
 * Node.js's option for the size of the part of its heap where new objects are, in MB. Its own choice, 16, makes a program
 * larger by 30 MB and no faster: measured with an unchanged update.
 */
const SMALL_HEAP = "--max-semi-space-size=4";

/** What a verb needs of the machine beside the Pulumi engine. */
export interface Wanted {
  /** Whether it deploys into a Docker daemon. */
  readonly docker: boolean;
  /** The image that the site's container is made of. Needs `docker`. */
  readonly image?: string;
}

export interface SetUpOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** @default - as {@link cacheFolder} says */
  readonly cache?: string;
  /** Where progress is shown. @default process.stderr */
  readonly output?: NodeJS.WriteStream;
}

/** What set-up hands to the verbs. */
export interface Tools {
  /** The environment for `pulumi`: the tools are on its PATH, and what the user set stays. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Gets what is missing on this machine. Prints nothing and starts no process where nothing is.
 *
 * @throws {Failure} with one sentence where something cannot be had.
 */
export async function setUp(wanted: Wanted, options: SetUpOptions = {}): Promise<Tools> {
  const { env = process.env, cache = cacheFolder(env), output = process.stderr } = options;
  makeCache(cache);
  const home = pulumiHome(cache, env);
  makePulumiHome(cache, home);
  let engineFolder = "";
  let host = dockerHost(env);
  const steps = [
    step(
      "Pulumi engine",
      () => engine(cache, env),
      (folder) => (engineFolder = folder),
    ),
    step("Plugin tls", () => plugin("tls", engineFolder, cache, env)),
    step("Plugin docker", () => plugin("docker", engineFolder, cache, env)),
  ];
  const { docker, image } = wanted;
  if (docker)
    steps.push(
      step(
        "Docker daemon",
        () => dockerDaemon(cache, env),
        (found) => (host = found),
      ),
    );
  if (docker && image !== undefined) steps.push(step(`Image ${image}`, () => nginxImage(image, cache, host)));

  let missing = 0;
  for (const { check } of steps) if (!(await check())) missing++;
  if (missing > 0) {
    const waiting = (pid: number) => output.write(`Another set-up is running (pid ${pid}): waiting for it.\n`);
    await withLock(setUpLock(cache), waiting, () => interruptible(() => workOff(steps, output)));
  }

  const nodeFolder = createRequire(import.meta.url)
    .resolve("node/package.json")
    .replace(/node\/package\.json$/, ".bin");
  const path = [nodeFolder, engineFolder, env.PATH ?? ""].join(delimiter);
  const elsewhere = !host.chosen && host.address !== `unix://${DEFAULT_SOCKET}`;
  return {
    env: {
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...env,
      PULUMI_HOME: home,
      NODE_OPTIONS: [SMALL_HEAP, env.NODE_OPTIONS ?? ""].join(" ").trim(), // what the user set comes last and counts
      PATH: path,
      // The docker plugin knows only the usual socket.
      ...(elsewhere ? { DOCKER_HOST: host.address } : {}),
    },
  };
}

function step<T>(title: string, need: () => Need<T>, keep: (value: T) => void = () => {}): Step {
  return {
    title,
    async check() {
      const found = await lookUp(need()).catch(() => undefined);
      if (found !== undefined) keep(found.value);
      return found !== undefined;
    },
    async work(report) {
      const { value, source } = await obtain(need(), report);
      keep(value);
      return source;
    },
  };
}

/** Ends this process, and with it the programs that it runs, on an interrupt. Nothing half-made counts later. */
async function interruptible(work: () => Promise<void>): Promise<void> {
  const end = (_: NodeJS.Signals, signal: number) => process.exit(128 + signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, end);
  try {
    await work();
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}
