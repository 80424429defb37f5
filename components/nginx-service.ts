import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { REVISION_VARIABLE, SITE_LABEL } from "../rules/swarm.ts";
import { INNER_PORTS, LOG, PROCESS, TMP_MEGABYTES } from "./nginx-process.ts";
import type { SiteNetwork } from "./site-network.ts";

type ContainerSpec = docker.types.input.ServiceTaskSpecContainerSpec;

const MEGABYTE = 2 ** 20;

/**
 * One task after the other: the new one has to be healthy before an old one is told to end, and one that fails takes the service
 * back to what it was. A healthy nginx has read its files, so what is to go wrong goes wrong soon.
 */
const ROLLING = { parallelism: 1, order: "start-first", monitor: "2s" };

/** What every task of a site may and may not do. A swarm knows neither no-new-privileges nor limits of open files. */
const CONFINED = {
  commands: PROCESS.entrypoint,
  args: PROCESS.args,
  readOnly: true,
  capDrops: ["ALL"],
  mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { mode: 0o777, sizeBytes: TMP_MEGABYTES * MEGABYTE } }],
  stopSignal: PROCESS.stopSignal,
  stopGracePeriod: `${PROCESS.stopSeconds}s`,
  // A task counts as running after its first check: the interval is what each step of an update takes.
  healthcheck: { tests: PROCESS.healthTest, interval: "2s", timeout: "3s", retries: 3 },
} satisfies Partial<ContainerSpec>;

/** What differs from site to site. */
export interface NginxServiceArgs {
  serviceName: string;
  /** The site's directory, by which the service is known as this site's. */
  directory: string;
  /** By digest or id: a tag may mean another image on each node. */
  image: pulumi.Input<string>;
  /** `uid:gid` of nginx. */
  user: string;
  /** Objects of the swarm, and where they are as files. */
  secrets: docker.types.input.ServiceTaskSpecContainerSpecSecret[];
  configs: docker.types.input.ServiceTaskSpecContainerSpecConfig[];
  replicas: number;
  publishMode: "ingress" | "host";
  /** Ports of the nodes. */
  httpPort: number;
  httpsPort: number;
  /** Memory of each task in MB. */
  memory: number;
  network: Pick<SiteNetwork, "hostNames"> & {
    /** Docker's ids: by a name the plugin would replace the service after each look at it. */
    networkIds?: pulumi.Input<string>[];
  };
}

/** A service, and the text by which its tasks are told from those before. */
export interface NginxService {
  service: docker.Service;
  revision: pulumi.Output<string>;
}

/** Declares the service of a site as a child of its component. */
export function nginxService(name: string, args: NginxServiceArgs, parent: pulumi.Resource): NginxService {
  const { serviceName, directory, image, user, secrets, configs, replicas, publishMode } = args;
  const { hostNames, networkIds } = args.network;
  const containerSpec: ContainerSpec = {
    ...CONFINED,
    image,
    user,
    secrets,
    configs,
    hosts: hostNames?.map((host) => ({ host, ip: "host-gateway" })),
  };
  const taskSpec = {
    resources: { limits: { memoryBytes: args.memory * MEGABYTE } },
    networksAdvanceds: networkIds?.map((id) => ({ id })),
    logDriver: { name: LOG.driver, options: LOG.options },
  };
  const endpointSpec = {
    mode: "vip",
    ports: [
      { publishMode, protocol: "tcp", targetPort: INNER_PORTS.httpPort, publishedPort: args.httpPort },
      { publishMode, protocol: "tcp", targetPort: INNER_PORTS.httpsPort, publishedPort: args.httpsPort },
    ],
  };
  const revision = pulumi.output({ containerSpec, taskSpec, endpointSpec }).apply(digest);
  const service = new docker.Service(
    name,
    {
      name: serviceName,
      labels: [{ label: SITE_LABEL, value: directory }],
      mode: { replicated: { replicas } },
      taskSpec: {
        ...taskSpec,
        containerSpec: { ...containerSpec, env: { [REVISION_VARIABLE]: revision } }, // another label would replace the service
      },
      endpointSpec,
      updateConfig: { ...ROLLING, failureAction: "rollback" },
      rollbackConfig: ROLLING,
    },
    { parent, deleteBeforeReplace: true }, // its name and its ports can be held only once
  );
  return { service, revision };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
