import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { dockerMachine, isLoopback } from "../rules/docker-machine.ts";
import { askDocker, dockerHost } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { hasAddress, type Holder, whoHolds } from "../toolchain/port.ts";
import { ownStateFile } from "./engine.ts";
import { PROJECT, type Stack } from "./stack.ts";

/** What `docker inspect` says of a container, as far as it is looked at. */
export interface ContainerState {
  Id: string;
  State: { Status: string; Running: boolean; StartedAt: string; Health?: { Status: string } };
  Config: { Image: string };
  Image: string;
  Mounts: { Source: string }[];
  NetworkSettings: { Networks: Record<string, unknown> };
  HostConfig: { Memory: number; PortBindings: Record<string, { HostPort: string }[]> };
}

/** Name of the site's container; index.ts calls the site "site". */
export function containerName({ name }: Pick<Stack, "name">): string {
  return `${PROJECT}-${name}-site`;
}

/** The site's container as it is now. Undefined: there is none, or no daemon. */
export async function inspectSite(stack: Stack): Promise<ContainerState | undefined> {
  const container = await inspect(containerName(stack));
  return container && (await isOurs(stack, container)) ? container : undefined;
}

/** A sentence about a container of another lab that has the name of ours. */
export async function takenName(stack: Stack): Promise<string | undefined> {
  const container = await inspect(containerName(stack));
  if (!container || (await isOurs(stack, container))) return undefined;
  const whose = container.Mounts.map(({ Source }) => Source).join(", ") || container.Config.Image;
  return (
    `the container ${containerName(stack)} is not of this checkout (${whose}): ` +
    "take that one down, or give the stack another name"
  );
}

/**
 * Whether our container is not in our state: it was made but never entered, or the state was lost. The engine would make
 * it again and find its name taken.
 */
export async function isUnknown(stack: Stack): Promise<boolean> {
  const container = await inspectSite(stack);
  return container !== undefined && !(await isInState(stack, container.Id));
}

async function inspect(name: string): Promise<ContainerState | undefined> {
  const answer = await askDocker(dockerHost(), `/containers/${name}/json`).catch(() => undefined);
  return answer as ContainerState | undefined;
}

/**
 * Two checkouts on one daemon give their containers the same names. Ours serves the files of this checkout, or it is in
 * our state: then the checkout has been moved.
 */
async function isOurs(stack: Stack, container: ContainerState): Promise<boolean> {
  if (container.Mounts.some(({ Source }) => Source === join(stack.directory, "site"))) return true;
  return isInState(stack, container.Id);
}

/** Whether our state knows what has this id at Docker. */
export async function isInState({ name }: Stack, id: string): Promise<boolean> {
  return (await readFile(ownStateFile(name), "utf8").catch(() => "")).includes(id);
}

/**
 * Throws a {@link Failure} where somebody else has the container's name or one of its ports, or the machine has not the address,
 * before anything is made.
 */
export async function refuseTaken(stack: Stack): Promise<void> {
  const taken = await takenName(stack);
  if (taken !== undefined) throw new Failure(taken);
  const machine = dockerMachine();
  if (machine !== undefined && !isLoopback(machine)) return; // it knows the ports of its own machine
  const { bindAddress, httpPort, httpsPort } = stack.config;
  if (!(await hasAddress(bindAddress))) {
    throw new Failure(
      `${bindAddress} is no address of this machine: choose one with ${PROJECT}:bindAddress in Pulumi.${stack.name}.yaml, ` +
        "or 0.0.0.0 for all that it has",
    );
  }
  for (const [key, port] of Object.entries({ httpPort, httpsPort })) {
    const holder = await whoHolds(port, bindAddress);
    if (holder && !(await isHeldByUs(stack, port, holder))) {
      throw new Failure(
        `port ${port} on ${bindAddress} is taken by ${holder.label}: stop it, ` +
          `or choose another with ${PROJECT}:${key} in Pulumi.${stack.name}.yaml`,
      );
    }
  }
}

/** Whether it is our container, under whatever name, that holds a port. */
export async function isHeldByUs(stack: Stack, port: number, holder: Holder): Promise<boolean> {
  if (holder.container !== undefined) {
    const container = await inspect(holder.container);
    return container !== undefined && isOurs(stack, container);
  }
  // Of a container that ends and is started again and again Docker does not always list the ports.
  const own = await inspectSite(stack);
  const bound = Object.values(own?.HostConfig.PortBindings ?? {}).flat();
  return own?.State.Running === true && bound.some(({ HostPort }) => HostPort === `${port}`);
}
