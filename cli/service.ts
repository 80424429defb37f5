/** The service of a site in a swarm, as Docker has it now. */
import { join } from "node:path";

import { publishedAddress } from "../rules/docker-machine.ts";
import { EVERY_ADDRESS, type Service, SITE_LABEL, siteAddresses, type SwarmNode, type Task } from "../rules/swarm.ts";
import { askDocker, dockerClient, dockerHost } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { containerName, isInState } from "./container.ts";
import type { Stack } from "./stack.ts";

/** A service with what it has made. */
export interface ServiceState {
  service: Service;
  tasks: Task[];
}

/** What `GET /info` says of the swarm. */
interface Info {
  Swarm?: { LocalNodeState: string; ControlAvailable: boolean; NodeID: string };
}

/** Name of the site's service; index.ts calls the site "site". */
export const serviceName = containerName;

/** Throws a {@link Failure} unless the daemon manages a swarm: who is to be in one is the user's to say. */
export async function requireManager(): Promise<void> {
  const info = (await askDocker(dockerHost(), "/info")) as Info;
  if (info.Swarm?.ControlAvailable) return;
  throw new Failure(
    info.Swarm?.LocalNodeState === "active"
      ? "the Docker daemon is a worker of its swarm, and only a manager takes a service: set DOCKER_HOST to a manager"
      : "the Docker daemon is in no swarm, and target is swarm: docker swarm init makes it one of a single node",
  );
}

/** The site's service and its tasks. Undefined: there is none, or no swarm. */
export async function inspectService(stack: Stack): Promise<ServiceState | undefined> {
  const service = await inspect(stack);
  if (!service || !(await isOurs(stack, service))) return undefined;
  return { service, tasks: (await list("tasks", { service: [service.ID] })) as Task[] };
}

/** Throws a {@link Failure} where a service that is not of this checkout has the name of ours. */
export async function refuseTakenService(stack: Stack): Promise<void> {
  const service = await inspect(stack);
  if (!service || (await isOurs(stack, service))) return;
  throw new Failure(
    `the service ${serviceName(stack)} is not of this checkout (${service.Spec.Labels[SITE_LABEL] ?? "and of no other"}): ` +
      "take that one down, or give the stack another name",
  );
}

/** Whether the engine has to be told how the service is: it is gone, or the swarm went back to the one before. */
export async function needsRefresh(stack: Stack): Promise<boolean> {
  const service = await inspect(stack);
  return !service || /^(paused|rollback)/.test(service.UpdateStatus?.State ?? "");
}

/** Addresses at which clients reach the site: with `host` those of the nodes that run a task. */
export async function serviceAddresses({ config }: Stack, tasks: Task[]): Promise<string[]> {
  const info = (await askDocker(dockerHost(), "/info")) as Info;
  const asked = { nodeId: info.Swarm?.NodeID ?? "", address: publishedAddress(EVERY_ADDRESS) };
  const nodes = (await list("nodes", {})) as SwarmNode[];
  return siteAddresses(config.publishMode, asked, tasks, nodes);
}

/** Removes what the swarm has of the site and our state does not know: made by a run that was killed, or the state was lost. */
export async function removeUnknownService(stack: Stack): Promise<void> {
  const docker = await dockerClient(dockerHost());
  const label = { label: [`${SITE_LABEL}=${directoryOf(stack)}`] };
  const kinds = {
    services: (id: string) => docker.getService(id),
    secrets: (id: string) => docker.getSecret(id),
    configs: (id: string) => docker.getConfig(id),
  };
  for (const [kind, object] of Object.entries(kinds)) {
    for (const { ID } of await list(kind, label)) if (!(await isInState(stack, ID))) await object(ID).remove();
  }
}

/** Where there is no swarm, there is nothing. */
async function list(kind: string, filters: Record<string, string[]>): Promise<{ ID: string }[]> {
  const query = encodeURIComponent(JSON.stringify(filters));
  const answer = await askDocker(dockerHost(), `/${kind}?filters=${query}`).catch(() => undefined);
  return (answer ?? []) as { ID: string }[];
}

async function inspect(stack: Stack): Promise<Service | undefined> {
  const answer = await askDocker(dockerHost(), `/services/${serviceName(stack)}`).catch(() => undefined);
  return answer as Service | undefined;
}

/** Ours is of this checkout, or it is in our state: then the checkout has been moved. */
async function isOurs(stack: Stack, { ID, Spec }: Service): Promise<boolean> {
  return Spec.Labels[SITE_LABEL] === directoryOf(stack) || (await isInState(stack, ID));
}

function directoryOf(stack: Stack): string {
  return join(stack.directory, "site");
}
