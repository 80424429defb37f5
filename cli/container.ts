import { askDocker, dockerHost } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { whoHolds } from "../toolchain/port.ts";
import { PROJECT, type Stack } from "./stack.ts";

/** What `docker inspect` says of a container, as far as it is looked at. */
export interface ContainerState {
  State: { Status: string; Running: boolean; StartedAt: string; Health?: { Status: string } };
  Config: { Image: string; Labels: Record<string, string> };
  Image: string;
}

/** Name of the site's container; index.ts calls the site "site". */
export function containerName({ name }: Stack): string {
  return `${PROJECT}-${name}-site`;
}

/** The site's container as it is now. Undefined: there is none, or no daemon. */
export async function inspectSite(stack: Stack): Promise<ContainerState | undefined> {
  const answer = await askDocker(dockerHost(), `/containers/${containerName(stack)}/json`).catch(() => undefined);
  return answer as ContainerState | undefined;
}

/** Throws a {@link Failure} for a port that somebody else listens on, before anything is made. */
export async function refuseTakenPorts(stack: Stack): Promise<void> {
  const { bindAddress, httpPort, httpsPort } = stack.config;
  for (const [key, port] of Object.entries({ httpPort, httpsPort })) {
    const holder = await whoHolds(port, bindAddress);
    if (holder && holder.container !== containerName(stack)) {
      throw new Failure(
        `port ${port} on ${bindAddress} is taken by ${holder.label}: stop it, ` +
          `or choose another with ${PROJECT}:${key} in Pulumi.${stack.name}.yaml`,
      );
    }
  }
}
