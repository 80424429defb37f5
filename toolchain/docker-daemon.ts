import { existsSync } from "node:fs";
import { join } from "node:path";

import { hasApt, installPackages } from "./apt.ts";
import { cacheFolder, setUpLock } from "./cache.ts";
import { dockerHost, pingDocker, type DockerHost } from "./docker-host.ts";
import { DAEMON_PATH, startDockerd, stopDockerd } from "./dockerd.ts";
import { Failure } from "./failure.ts";
import { withLock } from "./lock.ts";
import type { Need } from "./need.ts";
import { run } from "./run.ts";

/** Who runs set-up, and on what kind of machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  /** Whether packages come from apt. */
  readonly apt: boolean;
  /** Whether systemd runs. */
  readonly systemd: boolean;
  /** Whether dockerd is installed. */
  readonly dockerd: boolean;
}

/** This machine, as its user sees it. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    apt: hasApt(),
    systemd: existsSync("/run/systemd/system"),
    dockerd: DAEMON_PATH.split(":").some((folder) => existsSync(join(folder, "dockerd"))),
  };
}

/** A Docker daemon that answers: the one that runs, else one that set-up installs and starts. */
export function dockerDaemon(cache: string, env = process.env, machine = thisMachine()): Need<DockerHost> {
  return {
    name: "a Docker daemon",
    advice: "start one by hand, or set DOCKER_HOST to one that runs",
    sources: [
      { name: "running", free: true, obtain: () => reach(dockerHost(env)) },
      {
        name: "newly started",
        async obtain(report) {
          const refusal = whyNotStart(dockerHost(env), machine);
          if (refusal !== undefined) throw new Failure(refusal);
          if (!machine.dockerd)
            await installPackages(["docker.io", "iptables", "iproute2"], join(cache, "apt.log"), report);
          if (machine.systemd) await run("systemctl", ["start", "docker"]);
          else await startDockerd({ cache }, report);
          return reach(dockerHost(env));
        },
      },
    ],
  };
}

/**
 * Stops and removes what set-up started on this machine, and nothing else. Packages that it installed stay.
 *
 * @returns whether there was anything.
 */
export async function stopStarted(cache = cacheFolder()): Promise<boolean> {
  if (!existsSync(cache)) return false;
  return withLock(
    setUpLock(cache),
    () => {},
    () => stopDockerd(cache),
  );
}

/** Why set-up must leave it to the user to get a daemon, with the command to run; `undefined` where it may start one. */
export function whyNotStart({ address, chosen }: DockerHost, machine: Machine): string | undefined {
  const silent = `no Docker daemon answers at ${address}`;
  if (chosen) return `${silent}, where DOCKER_HOST points: start it, or unset DOCKER_HOST`;
  if (machine.platform !== "linux") return `${silent}: start Docker Desktop`;
  if (machine.root && (machine.dockerd || machine.apt)) return undefined;
  if (machine.dockerd) {
    return `${silent}, and only root may start one: run \`sudo ${machine.systemd ? "systemctl start docker" : "dockerd"}\``;
  }
  return machine.apt
    ? "Docker is not installed, and only root may install it: run `sudo apt-get install docker.io`"
    : "Docker is not installed: see https://docs.docker.com/engine/install/";
}

async function reach(host: DockerHost): Promise<DockerHost> {
  try {
    await pingDocker(host);
    return host;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw new Failure(`this user may not use ${host.address}: run \`sudo usermod -aG docker $USER\` and log in again`);
  }
}
