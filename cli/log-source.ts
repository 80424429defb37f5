import type Docker from "dockerode";

import { dockerClient, dockerHost, pingDocker } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { containerName, inspectSite } from "./container.ts";
import { inspectService, serviceName } from "./service.ts";
import type { Stack } from "./stack.ts";

/** What has a log. dockerode's types leave out that tasks and services have the same. */
type Log = Pick<Docker.Container, "logs">;

/** Who writes the log of a site. */
export interface LogSource {
  /** Each that has written something. */
  parts: Log[];
  /** All that may write. */
  whole: Log;
}

/** The log of the site's container or service. Throws a {@link Failure} where there is none; says so where nothing more will come. */
export async function logSource(stack: Stack): Promise<LogSource> {
  const { name, config } = stack;
  if (config.deploy === "none") {
    throw new Failure(`stack ${name} has no container, and so no log: Pulumi.${name}.yaml says deploy: none`);
  }
  const host = dockerHost();
  await pingDocker(host).catch(() => {
    throw new Failure(`no Docker daemon answers at ${host.address}: npm run doctor says what mends it`);
  });
  const docker = await dockerClient(host);
  return config.target === "swarm" ? serviceLog(stack, docker) : containerLog(stack, docker);
}

async function containerLog(stack: Stack, docker: Docker): Promise<LogSource> {
  const container = await inspectSite(stack);
  if (container === undefined) throw nothingThere(stack, "container");
  if (container.State.Status !== "running") {
    console.error(`The container ${containerName(stack)} is ${container.State.Status}: npm run up mends it.`);
  }
  const whole = docker.getContainer(containerName(stack));
  return { parts: [whole], whole };
}

/** A swarm does not end the log of a whole service if one of its tasks never had a container (Docker 20.10), and leaves lines out. */
async function serviceLog(stack: Stack, docker: Docker): Promise<LogSource> {
  const found = await inspectService(stack);
  if (found === undefined) throw nothingThere(stack, "service");
  const wrote = found.tasks.filter(({ Status }) => Status.ContainerStatus?.ContainerID);
  return {
    parts: wrote.map(({ ID }) => docker.getTask(ID) as unknown as Log),
    whole: docker.getService(serviceName(stack)) as unknown as Log,
  };
}

function nothingThere({ name }: Stack, what: "container" | "service"): Failure {
  return new Failure(`stack ${name} has no ${what}, and so no log: npm run up -- --stack ${name} makes it`);
}
