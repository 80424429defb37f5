import { createHash } from "node:crypto";

import { docker, dockerSays, linesOf } from "./docker.ts";

/** How a site is run: `resources/site-files.ts` documents it for users. */
export interface Surroundings {
  image: string;
  mountPath: string;
  user: string;
  networks?: string[];
  hostNames?: string[];
  lookedUpNames?: string[];
}

/** What to test. */
export interface ConfigurationTest extends Surroundings {
  /** The site's directory on the host. */
  directory: string;
  /** The version below it. */
  version: string;
  /** The file in the version. */
  file: string;
}

/** The level is before the words: these quote what the configuration says. */
const REFUSAL = /^(nginx:|\S+ \S+) \[emerg\]/;

/** The folders that nginx makes even for a test, each by the directive that says where; all but /tmp is read-only. */
const FOLDERS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** A configuration for which nginx must find these names, each with a port, when it reads it; a site's own looks for them later. */
export function lookupConfiguration(names: string[]): string {
  const folders = FOLDERS.map((name) => `${name}_temp_path /tmp/${name};`);
  const upstreams = names.map((name, index) => `upstream u${index} { server ${name}; }`);
  return ["pid /tmp/nginx.pid;", "events {}", "http {", "access_log off;", ...folders, ...upstreams, "}\n"].join("\n");
}

/**
 * Runs `nginx -t` on one version of a site in a container of its own, which is where the site's is. Throws nginx's own words if it
 * refuses.
 */
export async function testConfiguration(test: ConfigurationTest): Promise<void> {
  await removeTest(test.directory);
  for (const name of test.networks ?? []) await needNetwork(name);
  const [network = "none", ...others] = test.networks ?? [];
  const container = await docker.createContainer({
    name: nameFor(test.directory),
    Image: test.image,
    User: test.user,
    Entrypoint: ["nginx"],
    Cmd: ["-t", "-q", "-p", `${test.mountPath}/${test.version}/`, "-c", test.file, "-e", "stderr"],
    HostConfig: {
      AutoRemove: true, // also when nobody is left to do it
      NetworkMode: network,
      ExtraHosts: test.hostNames?.map((name) => `${name}:host-gateway`),
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: [{ Type: "bind", Source: test.directory, Target: test.mountPath, ReadOnly: true }],
    },
  });
  for (const name of others) await docker.getNetwork(name).connect({ Container: container.id });
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

async function needNetwork(name: string): Promise<void> {
  await docker
    .getNetwork(name)
    .inspect()
    .catch((error: { statusCode?: number; message: string }) => {
      if (error.statusCode !== 404) throw new Error(error.message);
      throw new Error(`'networks' has ${name}, which Docker does not know: make it with docker network create ${name}`);
    });
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
