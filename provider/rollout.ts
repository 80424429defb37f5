import { setTimeout as sleep } from "node:timers/promises";
import { Readable } from "node:stream";

import type Docker from "dockerode";

import { revisionOf, runningTasks, type Service, siteAddresses, type SwarmNode, type Task } from "../rules/swarm.ts";
import { docker, dockerSays, linesOf } from "./docker.ts";
import { difference, probe } from "./probe.ts";
import { changedProperties, type Properties } from "./resource-type.ts";
import { servedAs, servedNow } from "./served.ts";
import type { Rollout } from "./site-rollout.ts";

const POLL_MS = 200;
/** A task is healthy some three seconds after it was made; so long without another one means that something is wrong. */
const PATIENCE_MS = 30_000;
/** A healthy task answers at once, but the network between nodes learns of it a little later. */
const ANSWER_MS = 10_000;
const LAST_LINES = 5;

/** What the swarm has made of a service. */
interface Seen {
  service: Service;
  tasks: Task[];
}

/**
 * Returns when all tasks are of the revision, and clients find at each what is expected. Throws with the words of the swarm and of
 * nginx where it does not come to that.
 */
export async function untilRolledOut(rollout: Rollout): Promise<void> {
  await untilRunning(rollout);
  const deadline = Date.now() + ANSWER_MS;
  for (;;) {
    const reason = await differenceNow(rollout);
    if (reason === undefined) return;
    if (Date.now() > deadline) throw await failure(rollout, `the site is not what was declared (${reason})`);
    await sleep(POLL_MS);
  }
}

/** What a client finds: where one of the tasks serves something else, that. Empty outputs where nobody answers. */
export async function servedEverywhere(rollout: Rollout): Promise<Properties> {
  const nothing = servedAs({ ...rollout, fingerprintSha256: "", statusWithoutCertificate: 0 });
  const addresses = await addressesOf(rollout).catch(() => []);
  const found = await Promise.all(addresses.map((address) => servedNow({ ...rollout, address })));
  return found.find((one) => changedProperties(one, servedAs(rollout)).length > 0) ?? found[0] ?? nothing;
}

async function untilRunning(rollout: Rollout): Promise<void> {
  let [best, since] = [-1, Date.now()];
  for (;;) {
    const { service, tasks } = await look(rollout).catch((error: unknown) => {
      throw new Error(`the swarm does not tell of the service: ${dockerSays(error)}`);
    });
    const { State: state = "completed", Message: message } = service.UpdateStatus ?? {};
    if (state === "paused") throw await failure(rollout, `the swarm has stopped half-way (${message})`);
    if (!isDeclared(service, rollout) && state !== "rollback_started") {
      throw await failure(
        rollout,
        state.startsWith("rollback")
          ? "the swarm went back to the service as it was, pulumi up --refresh tries again"
          : "somebody changed it, pulumi up --refresh puts it right",
      );
    }

    const now = runningTasks(tasks);
    const fresh = now.filter((task) => revisionOf(task.Spec) === rollout.revision).length;
    const isOver = state === "completed" || state === "rollback_completed";
    if (isOver && fresh === rollout.replicas && now.length === fresh) return;

    const isPulling = tasks.some(({ Status }) => Status.State === "preparing");
    if (fresh > best || isPulling) [best, since] = [fresh, Date.now()];
    if (Date.now() - since > PATIENCE_MS) {
      throw await failure(rollout, `${fresh} of ${rollout.replicas} tasks are up to date, and there are no more`);
    }
    await sleep(POLL_MS);
  }
}

/** Our engine does not know of it where the swarm went back to the service as it was. */
function isDeclared({ Spec }: Service, { revision, replicas }: Rollout): boolean {
  return revisionOf(Spec.TaskTemplate) === revision && Spec.Mode.Replicated?.Replicas === replicas;
}

async function look({ serviceId }: Rollout): Promise<Seen> {
  const filters = { service: [serviceId] };
  const asked = [docker.getService(serviceId).inspect(), docker.listTasks({ filters })] as const;
  const [service, tasks] = (await Promise.all(asked)) as [Service, Task[]];
  return { service, tasks };
}

/** What is not as expected, of the first that is not. */
async function differenceNow(rollout: Rollout): Promise<string | undefined> {
  // Through ingress, one after the other is asked.
  const times = rollout.publishMode === "ingress" ? rollout.replicas : 1;
  for (const address of await addressesOf(rollout)) {
    for (let time = 0; time < times; time++) {
      const reason = await probe({ ...rollout, address }).then(
        (found) => difference({ ...rollout, address }, found),
        (error: Error) => error.message,
      );
      if (reason !== undefined) return `at ${address}:${rollout.port}: ${reason}`;
    }
  }
  return undefined;
}

async function addressesOf(rollout: Rollout): Promise<string[]> {
  const { tasks } = await look(rollout);
  const [info, nodes] = (await Promise.all([docker.info(), docker.listNodes()])) as [
    { Swarm: { NodeID: string } },
    SwarmNode[],
  ];
  const asked = { nodeId: info.Swarm.NodeID, address: rollout.address };
  return siteAddresses(rollout.publishMode, asked, tasks, nodes);
}

/** The error with what the last task that did not run has to say of it. */
async function failure(rollout: Rollout, what: string): Promise<Error> {
  const { tasks } = await look(rollout);
  const last = tasks
    .filter(({ Spec, Status }) => Status.Err && revisionOf(Spec) === rollout.revision)
    .sort((a, b) => (a.Status.Timestamp < b.Status.Timestamp ? 1 : -1))[0];
  const said = last ? `; the last task: ${last.Status.Err}` : "";
  const hasRun = last?.Status.ContainerStatus?.ContainerID;
  const lines = hasRun ? await linesOfTask(last).catch(() => []) : [];
  const words = lines.length > 0 ? ["; the last lines of nginx:", ...lines].join("\n") : "";
  return new Error(`the service does not run as declared: ${what}${said}${words}`);
}

async function linesOfTask({ ID }: Task): Promise<string[]> {
  const task = docker.getTask(ID) as unknown as Docker.Container; // the type of a task leaves its log out
  const framed = await task.logs({ stderr: true, tail: LAST_LINES, follow: false });
  return linesOf(Readable.from([framed]));
}
