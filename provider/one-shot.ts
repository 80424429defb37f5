import { createHash } from "node:crypto";

import type Docker from "dockerode";

import { docker, dockerSays, linesOf } from "./docker.ts";

/** A container that does one thing and goes. */
export interface OneShot {
  /** What it is for, as a part of its name. */
  task: "test" | "upload";
  /** The directory or volume that it is about: for each there is one at a time. */
  about: string;
  image: string;
  /** `uid:gid`. */
  user: string;
  entrypoint: string[];
  command: string[];
  /** @default - none: what it needs is put into its own filesystem, which goes with it */
  mount?: Docker.MountSettings;
  /** @default - none: it has no network */
  networks?: string[];
  /** Names that the machine itself has there. */
  hostNames?: string[];
}

/** Makes a container that may do nothing but read and write its mount. One that a killed update left is removed. */
export async function createOneShot(shot: OneShot): Promise<Docker.Container> {
  await removeOneShot(shot);
  const [network = "none", ...others] = shot.networks ?? [];
  const container = await docker.createContainer({
    name: nameOf(shot),
    Image: shot.image,
    User: shot.user,
    Entrypoint: shot.entrypoint,
    Cmd: shot.command,
    HostConfig: {
      AutoRemove: true, // also when nobody is left to do it
      NetworkMode: network,
      ExtraHosts: shot.hostNames?.map((name) => `${name}:host-gateway`),
      ReadonlyRootfs: shot.mount?.ReadOnly === true, // Docker puts no file into one that is read-only
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: shot.mount ? [shot.mount] : [],
    },
  });
  for (const name of others) await docker.getNetwork(name).connect({ Container: container.id });
  return container;
}

/** What a container wrote to its standard error, and how it ended. */
export interface Ended {
  lines: string[];
  status: number;
}

/** Starts it and waits until it has ended, and so is gone. Throws the daemon's words if it does not start. */
export async function runOneShot(container: Docker.Container): Promise<Ended> {
  const output = await container.attach({ stream: true, stderr: true });
  const ended = container.wait({ condition: "removed" }) as Promise<{ StatusCode: number }>;
  const start = container.start().catch((error: unknown) => {
    throw new Error(dockerSays(error));
  });
  const [lines, { StatusCode: status }] = await Promise.all([linesOf(output), ended, start]);
  return { lines, status };
}

/** Removes the container that a killed update may have left. */
export async function removeOneShot(shot: Pick<OneShot, "task" | "about">): Promise<void> {
  await docker
    .getContainer(nameOf(shot))
    .remove({ force: true })
    .catch(() => undefined);
}

/** One name for each, by which it is found again. */
function nameOf({ task, about }: Pick<OneShot, "task" | "about">): string {
  return `mtls-lab-${task}-${createHash("sha256").update(about).digest("hex").slice(0, 16)}`;
}
