import type * as pulumi from "@pulumi/pulumi";

import type { LocationView } from "./access-list.ts";
import { HOST_NAME, isAnywhere, lookedUpName, targetOf } from "./upstream.ts";

/** Where the containers of a site are: the one that serves it, and the one that tests what it is going to serve. */
export interface SiteNetwork {
  /** Names of Docker networks. */
  networks?: pulumi.Input<string>[];
  /** Names that the machine itself has there. */
  hostNames?: string[];
  /** Names, each with a port, that nginx looks up while it runs. */
  lookedUpNames?: string[];
}

/**
 * What the services of a site need; what they do not need is left out.
 *
 * @throws Error in one sentence, if there is no network in which one of them has a name.
 */
export function siteNetwork(
  locations: readonly Pick<LocationView, "upstream">[],
  networks: pulumi.Input<string>[],
): SiteNetwork {
  const upstreams = locations.flatMap(({ upstream }) => upstream ?? []);
  const named = upstreams.find((upstream) => !isAnywhere(targetOf(upstream.url).host));
  if (named && networks.length === 0) {
    throw new Error(
      `'networks' is empty, and Docker's default network knows no ${targetOf(named.url).host}: name the network of the service, ` +
        `or take an address or ${HOST_NAME} in ${named.url}`,
    );
  }
  const isHost = upstreams.some(({ url }) => targetOf(url).host === HOST_NAME);
  const lookedUpNames = [...new Set(upstreams.flatMap((upstream) => lookedUpName(upstream) ?? []))];
  return {
    ...(networks.length > 0 ? { networks } : {}),
    ...(isHost ? { hostNames: [HOST_NAME] } : {}),
    ...(lookedUpNames.length > 0 ? { lookedUpNames } : {}),
  };
}
