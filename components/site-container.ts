import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { FileArgs } from "../resources/file.ts";
import { SiteFiles } from "../resources/site-files.ts";
import { SiteReload, type SiteReloadInputs } from "../resources/site-reload.ts";
import type { FileOwner } from "../rules/file.ts";
import { MOUNT_PATH, nginxContainer, type NginxContainerArgs } from "./nginx-container.ts";
import type { SiteNetwork } from "./site-network.ts";

/** What a site is made of, whatever runs it. */
export interface SiteParts {
  /** nginx image, with a tag or a digest. */
  image: string;
  /** Host directory of the site's files. */
  directory: string;
  files: Record<string, FileArgs>;
  /** Who nginx runs as, and whom the files belong to. */
  owner: FileOwner;
  network: SiteNetwork;
  /** What a client must find. */
  expected: Pick<
    SiteReloadInputs,
    "address" | "port" | "serverName" | "fingerprintSha256" | "statusWithoutCertificate"
  >;
}

/** What a site has more if it is one container. */
export type SiteContainerArgs = SiteParts &
  Pick<NginxContainerArgs, "containerName" | "bindAddress" | "httpPort" | "httpsPort" | "memory" | "openFiles">;

/** Declares a site as one container, as children of its component: new files are loaded without a restart. */
export function siteContainer(name: string, args: SiteContainerArgs, parent: pulumi.Resource): void {
  const { image, directory, files, owner, network, expected, ...container } = args;
  const user = `${owner.uid}:${owner.gid}`;
  const { imageId } = new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, { parent });
  const published = new SiteFiles(
    `${name}-files`,
    { directory, files, owner, test: { image: imageId, mountPath: MOUNT_PATH, user, ...network } },
    { parent },
  );
  const { id } = nginxContainer(
    `${name}-container`,
    { ...container, imageId, user, directory, published, network },
    parent,
  );
  new SiteReload(`${name}-reload`, { containerId: id, version: published.version, ...expected }, { parent });
}
