import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { INNER_PORTS, LOG, MOUNT_PATH, PROCESS, TMP_MEGABYTES } from "./nginx-process.ts";
import type { SiteNetwork } from "./site-network.ts";

/** What every container of a site may and may not do. */
const CONFINED = {
  entrypoints: PROCESS.entrypoint,
  command: PROCESS.args,
  readOnly: true,
  tmpfs: { "/tmp": `mode=1777,size=${TMP_MEGABYTES}m` },
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges"],
  restart: "unless-stopped",
  stopSignal: PROCESS.stopSignal,
  stopTimeout: PROCESS.stopSeconds,
  destroyGraceSeconds: PROCESS.stopSeconds,
  logDriver: LOG.driver,
  logOpts: LOG.options,
  healthcheck: { tests: PROCESS.healthTest, interval: "30s", timeout: "3s", retries: 3 },
} satisfies Partial<docker.ContainerArgs>;

/** Where the site's files come from. */
export interface SiteMount {
  /** A directory of the host, or a Docker volume. */
  type: "bind" | "volume";
  /** Its path or name. */
  source: pulumi.Input<string>;
  /** Another one, whatever its path: a mount follows the directory itself. */
  identity: pulumi.Input<string>;
  /** What has to be there before nginx starts. */
  files: pulumi.Resource;
}

/** What differs from site to site. */
export interface NginxContainerArgs {
  containerName: string;
  imageId: pulumi.Input<string>;
  /** `uid:gid` of nginx. */
  user: string;
  /** Host address and ports to publish on. */
  bindAddress: string;
  httpPort: number;
  httpsPort: number;
  /** Memory in MB, and open files of a process. */
  memory: number;
  openFiles: number;
  network: SiteNetwork;
  content: SiteMount;
}

/** Declares the container of a site as a child of its component. */
export function nginxContainer(name: string, args: NginxContainerArgs, parent: pulumi.Resource): docker.Container {
  const { containerName, imageId, user, bindAddress, httpPort, httpsPort, network, content } = args;
  const { memory, openFiles } = args;
  return new docker.Container(
    name,
    {
      ...CONFINED,
      name: containerName,
      image: imageId,
      user,
      ports: [
        { internal: INNER_PORTS.httpPort, external: httpPort, ip: bindAddress },
        { internal: INNER_PORTS.httpsPort, external: httpsPort, ip: bindAddress },
      ],
      networksAdvanced: network.networks?.map((name) => ({ name })),
      hosts: network.hostNames?.map((host) => ({ host, ip: "host-gateway" })),
      memory,
      memorySwap: memory, // both together: none of it is swap
      ulimits: [{ name: "nofile", soft: openFiles, hard: openFiles }],
      mounts: [{ type: content.type, source: content.source, target: MOUNT_PATH, readOnly: true }],
      labels: [{ label: "mtls-lab.directory", value: content.identity }], // another one needs a new container
    },
    // A fixed host port cannot be held twice.
    { parent, deleteBeforeReplace: true, dependsOn: content.files },
  );
}
