import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { DockerNetwork } from "../resources/docker-network.ts";
import type { FileArgs } from "../resources/file.ts";
import { SiteRollout } from "../resources/site-rollout.ts";
import { SITE_LABEL, swarmData } from "../rules/swarm.ts";
import { CURRENT_PATH } from "./nginx-process.ts";
import { nginxService, type NginxServiceArgs } from "./nginx-service.ts";
import { refusing } from "./refusal.ts";
import { publishedSite, type SiteParts } from "./site-container.ts";

/** What a site has more if it is a service of a swarm. */
export type SiteServiceArgs = SiteParts &
  Pick<NginxServiceArgs, "serviceName" | "replicas" | "publishMode" | "httpPort" | "httpsPort" | "memory">;

/**
 * Declares a site as a service of a Docker Swarm, as children of its component. Its files are objects of the swarm, which cannot be
 * changed: another content is another object, the service is taken to it task by task, and then the one before is removed.
 */
export function siteService(name: string, args: SiteServiceArgs, parent: pulumi.Resource): void {
  const { image, directory, files, owner, network, expected, ...service } = args;
  const { serviceName, replicas, publishMode } = service;
  const parts = { image, directory, files, owner, network };
  const { user, imageId, repoDigest, published } = publishedSite(name, parts, "upload", parent);

  const labels = [{ label: SITE_LABEL, value: directory }];
  const options = { parent, dependsOn: published }; // nginx has accepted them
  const secrets: NginxServiceArgs["secrets"] = [];
  const configs: NginxServiceArgs["configs"] = [];
  for (const [path, file] of Object.entries(files)) {
    const child = `${name}-${path.replaceAll("/", "-")}`;
    const objectName = published.revisions.apply(
      (revisions) => `${serviceName}-${path.replaceAll("/", "-")}-${revisions[path]}`,
    );
    const object = { name: objectName, data: base64Of(path, file, parent), labels };
    const target = {
      fileName: `${CURRENT_PATH}/${path}`,
      fileUid: `${owner.uid}`,
      fileGid: `${owner.gid}`,
      fileMode: parseInt(file.mode, 8),
    };
    if (isPrivate(file)) {
      const secret = new docker.Secret(child, { ...object, data: pulumi.secret(object.data) }, options);
      secrets.push({ secretId: secret.id, secretName: secret.name, ...target });
    } else {
      const config = new docker.ServiceConfig(child, object, options);
      configs.push({ configId: config.id, configName: config.name, ...target });
    }
  }

  // What an image from a registry is called there, each node can get; the id of another is the same wherever it was loaded.
  const nodeImage = pulumi.all([repoDigest, imageId]).apply(([digest, id]) => digest || id);
  const networkIds = network.networks?.map((network, index) => {
    return new DockerNetwork(`${name}-network-${index}`, { name: network }, { parent }).id;
  });
  const { hostNames } = network;
  const running = nginxService(
    `${name}-service`,
    { ...service, directory, image: nodeImage, user, secrets, configs, network: { hostNames, networkIds } },
    parent,
  );
  new SiteRollout(
    `${name}-rollout`,
    { serviceId: running.service.id, revision: running.revision, replicas, publishMode, ...expected },
    { parent },
  );
}

/** Whether nobody but its owner may read it. */
function isPrivate({ mode }: FileArgs): boolean {
  return (parseInt(mode, 8) & 0o077) === 0;
}

function base64Of(path: string, { content, encoding }: FileArgs, parent: pulumi.Resource): pulumi.Output<string> {
  return pulumi
    .output(content)
    .apply((text) => refusing(parent, () => swarmData(path, Buffer.from(text, encoding ?? "utf8"))));
}
