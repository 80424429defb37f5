import { createHash } from "node:crypto";

import { docker, dockerSays, linesOf } from "./docker.ts";

/** What to test, and in which image: the one that will serve it. */
export interface ConfigurationTest {
  /** Image name or id. */
  image: string;
  /** Where the site's directory is in the container. */
  mountPath: string;
  /** `uid:gid` that nginx runs as. */
  user: string;
  /** The site's directory on the host. */
  directory: string;
  /** The version below it. */
  version: string;
}

/** The level is before the words: these quote what the configuration says. */
const REFUSAL = /^(nginx:|\S+ \S+) \[emerg\]/;

/** Runs `nginx -t` on one version of a site in a container of its own. Throws nginx's own words if it refuses. */
export async function testConfiguration(test: ConfigurationTest): Promise<void> {
  await removeTest(test.directory);
  const container = await docker.createContainer({
    name: nameFor(test.directory),
    Image: test.image,
    User: test.user,
    Entrypoint: ["nginx"],
    Cmd: ["-t", "-q", "-p", `${test.mountPath}/${test.version}/`, "-c", "nginx.conf", "-e", "stderr"],
    HostConfig: {
      AutoRemove: true, // also when nobody is left to do it
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: [{ Type: "bind", Source: test.directory, Target: test.mountPath, ReadOnly: true }],
    },
  });
  const output = await container.attach({ stream: true, stderr: true });
  const ended = container.wait({ condition: "removed" }) as Promise<{ StatusCode: number }>;
  const start = container.start().catch((error: unknown) => {
    throw new Error(`the image cannot run nginx, the site stays as it was: ${dockerSays(error)}`);
  });
  const [lines, { StatusCode: status }] = await Promise.all([linesOf(output), ended, start]);
  if (status === 0) return;
  const words = lines.find((line) => REFUSAL.test(line)) ?? lines.at(-1) ?? `exit code ${status}`;
  throw new Error(`nginx refuses the new configuration, the site stays as it was: ${words}`);
}

/** Removes the container that a killed update may have left of its test. */
export async function removeTest(directory: string): Promise<void> {
  await docker
    .getContainer(nameFor(directory))
    .remove({ force: true })
    .catch(() => undefined);
}

/** One name for each site, by which it is found again. */
function nameFor(directory: string): string {
  return `mtls-lab-test-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`;
}
