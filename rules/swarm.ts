/** How a site lives in a Docker Swarm: names, limits, and who of it is where. Pure. */
import type { Limit } from "./container-limits.ts";

/** How the ports of a service are published: on every node, or on those that run a task. */
export const PUBLISH_MODES = ["ingress", "host"] as const;
export type PublishMode = (typeof PUBLISH_MODES)[number];

/** What a swarm publishes ports on: every address of a node. */
export const EVERY_ADDRESS = "0.0.0.0";

/** How many tasks of a site may run. More would be for a larger machine room than this is made for. */
export const REPLICAS: Limit = { min: 1, max: 100, default: 2 };

/** What Docker before version 23 takes in a config or a secret; later ones take twice as much of a config. */
const MAX_FILE_OCTETS = 500 * 1024;

/** On every object of a site: the directory of its files, which no other site has. */
export const SITE_LABEL = "mtls-lab.site";
/** Environment variable of every task: what it was made of, as one word. */
export const REVISION_VARIABLE = "MTLS_LAB_REVISION";

/** What a task is made of, as far as it is looked at. */
export interface TaskSpec {
  ContainerSpec: { Image: string; Env?: string[] | null };
}

/** A task of a service, as far as it is looked at (`GET /tasks`). */
export interface Task {
  ID: string;
  NodeID?: string;
  Slot?: number;
  DesiredState: string;
  Spec: TaskSpec;
  Status: { Timestamp: string; State: string; Err?: string; ContainerStatus?: { ContainerID?: string } };
}

/** A node of a swarm, as far as it is looked at (`GET /nodes`). */
export interface SwarmNode {
  ID: string;
  Status: { State: string; Addr?: string };
  /** Of a manager. */
  ManagerStatus?: { Addr: string };
}

/** A service, as far as it is looked at (`GET /services/ID`). */
export interface Service {
  ID: string;
  Spec: {
    Name: string;
    Labels: Record<string, string>;
    Mode: { Replicated?: { Replicas: number } };
    TaskTemplate: TaskSpec;
  };
  UpdateStatus?: { State: string; Message: string };
}

/** The daemon that is asked (`GET /info`). */
export interface Asked {
  /** Its own node. */
  nodeId: string;
  /** An address at which this machine reaches it. */
  address: string;
}

/**
 * A file as a swarm takes it: base64.
 *
 * @throws Error in one sentence, if it is too large for that.
 */
export function swarmData(path: string, content: Buffer): string {
  if (content.length <= MAX_FILE_OCTETS) return content.toString("base64");
  throw new Error(
    `${path} has ${content.length} octets, and a swarm takes at most ${MAX_FILE_OCTETS} in a file: ` +
      "make it shorter, or choose target container",
  );
}

/** The revision of a task, or of those that a service makes. Undefined for a service that is none of ours. */
export function revisionOf({ ContainerSpec }: TaskSpec): string | undefined {
  const prefix = `${REVISION_VARIABLE}=`;
  return ContainerSpec.Env?.find((variable) => variable.startsWith(prefix))?.slice(prefix.length);
}

/** Tasks that run, and are not about to be replaced. */
export function runningTasks(tasks: readonly Task[]): Task[] {
  return tasks.filter(({ DesiredState, Status }) => DesiredState === "running" && Status.State === "running");
}

/**
 * Addresses at which a site can be reached. With `ingress` that of the daemon that is asked, for there every node passes connections
 * on to one task after the other; with `host` that of each node that runs a task.
 */
export function siteAddresses(
  mode: PublishMode,
  asked: Asked,
  tasks: readonly Task[],
  nodes: readonly SwarmNode[],
): string[] {
  if (mode === "ingress") return [asked.address];
  const ids = new Set(runningTasks(tasks).flatMap(({ NodeID }) => NodeID ?? []));
  return nodes.filter(({ ID }) => ids.has(ID)).map((node) => addressOf(node, asked));
}

/** What a manager knows as its own address may be 0.0.0.0. */
function addressOf({ ID, Status, ManagerStatus }: SwarmNode, asked: Asked): string {
  if (ID === asked.nodeId) return asked.address;
  return ManagerStatus?.Addr.replace(/:\d+$/, "").replace(/[[\]]/g, "") ?? Status.Addr ?? "";
}
