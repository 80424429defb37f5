import type Docker from "dockerode";

import { dockerSays, networkId } from "./docker.ts";
import { createOneShot, type Ended, removeOneShot, runOneShot } from "./one-shot.ts";

/** How a site is run: `resources/site-files.ts` documents it for users. */
export interface Surroundings {
  image: string;
  mountPath: string;
  user: string;
  delivery?: "mount" | "upload";
  networks?: string[];
  hostNames?: string[];
  lookedUpNames?: string[];
}

/** What to test. */
export interface ConfigurationTest extends Surroundings {
  /** The site's directory on this machine. */
  directory: string;
  /** The version below it. */
  version: string;
  /** The file in the version. */
  file: string;
}

/** The level is before the words: these quote what the configuration says. */
const REFUSAL = /^(nginx:|\S+ \S+) \[emerg\]/;

/** What Docker says of a directory to mount that is not on its machine. */
const NOT_THERE = /bind source path does not exist/;

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
  for (const name of test.networks ?? []) await networkId(name);
  const { lines, status } = await runTest(test);
  if (status === 0) return;
  const words = lines.find((line) => REFUSAL.test(line)) ?? lines.at(-1) ?? `exit code ${status}`;
  throw new Error(`nginx refuses the new configuration, the site stays as it was: ${words}`);
}

async function runTest({ directory, version, file, delivery, ...surroundings }: ConfigurationTest): Promise<Ended> {
  const { image, mountPath, user, networks, hostNames } = surroundings;
  const isUploaded = delivery === "upload";
  const container = await createOneShot({
    ...{ task: "test", about: directory, image, user, networks, hostNames },
    entrypoint: ["nginx"],
    command: ["-t", "-q", "-p", `${mountPath}/${version}/`, "-c", file, "-e", "stderr"],
    ...(isUploaded ? {} : { mount: { Type: "bind", Source: directory, Target: mountPath, ReadOnly: true } }),
  }).catch((error: unknown) => {
    if (!NOT_THERE.test(dockerSays(error))) throw error;
    throw new Error(`Docker has no ${directory}, for it runs on another machine: set 'delivery' to upload`);
  });
  if (isUploaded) await send(container, { directory, version, mountPath });
  return runOneShot(container).catch((error: Error) => {
    throw new Error(`the image cannot run nginx, the site stays as it was: ${error.message}`);
  });
}

async function send(
  container: Docker.Container,
  { directory, version, mountPath }: Pick<ConfigurationTest, "directory" | "version" | "mountPath">,
): Promise<void> {
  const { archiveOf } = await import("./site-archive.ts");
  await container.putArchive(await archiveOf(directory, version, mountPath), { path: "/" });
}

/** Removes the container that a killed update may have left of its test. */
export async function removeTest(directory: string): Promise<void> {
  await removeOneShot({ task: "test", about: directory });
}
