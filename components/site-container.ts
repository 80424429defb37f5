import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Expected } from "../resources/expected.ts";
import type { FileArgs } from "../resources/file.ts";
import { SiteFiles } from "../resources/site-files.ts";
import { SiteUpload, type SiteUploadInputs } from "../resources/site-upload.ts";
import { SiteReload } from "../resources/site-reload.ts";
import type { FileOwner } from "../rules/file.ts";
import { nginxContainer, type NginxContainerArgs, type SiteMount } from "./nginx-container.ts";
import { MOUNT_PATH } from "./nginx-process.ts";
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
  expected: Expected;
}

/** What a site has more if it is one container. */
export type SiteContainerArgs = SiteParts & {
  /** How the files get into the container. */
  delivery: "mount" | "upload";
} & Pick<NginxContainerArgs, "containerName" | "bindAddress" | "httpPort" | "httpsPort" | "memory" | "openFiles">;

/** Declares a site as one container, as children of its component: new files are loaded without a restart. */
export function siteContainer(name: string, args: SiteContainerArgs, parent: pulumi.Resource): void {
  const { image, directory, files, owner, network, expected, delivery, ...container } = args;
  const { user, imageId, published } = publishedSite(
    name,
    { image, directory, files, owner, network },
    delivery,
    parent,
  );
  const { version, content } =
    delivery === "upload"
      ? uploaded(name, container.containerName, { directory, version: published.version, image: imageId, user }, parent)
      : { version: published.version, content: mounted(directory, published) };
  const { id } = nginxContainer(`${name}-container`, { ...container, imageId, user, network, content }, parent);
  new SiteReload(`${name}-reload`, { containerId: id, version, ...expected }, { parent });
}

/** Declares what every site has, whatever runs it: the image, and the files as that image has accepted them. */
export function publishedSite(
  name: string,
  { image, directory, files, owner, network }: Omit<SiteParts, "expected">,
  delivery: "mount" | "upload",
  parent: pulumi.Resource,
) {
  const user = `${owner.uid}:${owner.gid}`;
  const { imageId, repoDigest } = new docker.RemoteImage(
    `${name}-image`,
    { name: image, keepLocally: true },
    { parent },
  );
  const test = { image: imageId, mountPath: MOUNT_PATH, user, delivery, ...network };
  const published = new SiteFiles(`${name}-files`, { directory, files, owner, test }, { parent });
  return { user, imageId, repoDigest, published };
}

function mounted(source: string, files: SiteFiles): SiteMount {
  return { type: "bind", source, identity: files.directoryIdentity, files };
}

/** A volume on the daemon's machine, with the container's name, and the version of the site in it. */
function uploaded(
  name: string,
  containerName: string,
  args: Omit<SiteUploadInputs, "volume" | "mountPath">,
  parent: pulumi.Resource,
): { version: pulumi.Output<string>; content: SiteMount } {
  const { name: volume } = new docker.Volume(`${name}-volume`, { name: containerName }, { parent });
  const files = new SiteUpload(`${name}-upload`, { ...args, volume, mountPath: MOUNT_PATH }, { parent });
  return { version: files.uploaded, content: { type: "volume", source: volume, identity: volume, files } };
}
