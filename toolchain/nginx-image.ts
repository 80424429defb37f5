import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { arch } from "node:os";
import { dirname, join } from "node:path";

import type Docker from "dockerode";

import { hasApt } from "./apt.ts";
import { askDocker, dockerClient, dockerSays, type DockerHost } from "./docker-host.ts";
import type { Need, Source } from "./need.ts";
import { buildNginxImage } from "./nginx-build.ts";
import type { Report } from "./run.ts";

/** How long the registry may take to answer the daemon before the next source is tried. */
const ANSWER_MILLISECONDS = 5000;

/** What nginx of any builder and version may stand for: the names that promise neither. */
const ANY_NGINX = /^((docker\.io\/)?library\/)?nginx(:(latest|stable))?$/;

/**
 * The image that the site's container is made of, in the daemon.
 *
 * @param reference as Docker has it: `name`, `name:tag` or `name@sha256:…`. Only a plain `nginx` of any version can
 * come from another source than a registry.
 */
export function nginxImage(reference: string, cache: string, host: DockerHost): Need<string> {
  const tar = join(cache, `nginx-image-${arch()}.tar`);
  const present: Source<string> = {
    name: "present",
    free: true,
    async obtain() {
      if (!(await hasImage(reference, host))) throw new Error("not in the daemon");
      return reference;
    },
  };
  const pulled: Source<string> = { name: "pull", obtain: (report) => pull(reference, host, report) };
  const cached: Source<string> = { name: "cache", obtain: () => load(reference, tar, host) };
  const built: Source<string> = {
    name: "build from Debian's package",
    async obtain(report) {
      if (!hasApt()) throw new Error("this machine has no apt-get");
      await buildInto(tar, report);
      return load(reference, tar, host);
    },
  };
  return {
    name: `the image ${reference}`,
    advice: "choose another with `image` in the stack's configuration",
    sources: ANY_NGINX.test(reference) ? [present, cached, pulled, built] : [present, pulled],
  };
}

/** Whether the daemon has an image of this name. */
export async function hasImage(reference: string, host: DockerHost): Promise<boolean> {
  return (await askDocker(host, `/images/${encodeURIComponent(reference)}/json`)) !== undefined;
}

// The daemon is asked, not the registry: it may have a mirror or a proxy, or be on another machine.
async function pull(reference: string, host: DockerHost, report: Report): Promise<string> {
  const docker = await dockerClient(host);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), ANSWER_MILLISECONDS);
  try {
    const progress = await docker.pull(reference, { abortSignal: silence.signal }).finally(() => clearTimeout(timer));
    await toEnd(docker, progress, report);
    return reference;
  } catch (error) {
    throw new Error(silence.signal.aborted ? "the registry does not answer" : dockerSays(error));
  }
}

async function load(reference: string, tar: string, host: DockerHost): Promise<string> {
  if (!existsSync(tar)) throw new Error("nothing there");
  const docker = await dockerClient(host);
  let id = "";
  await toEnd(
    docker,
    await docker.loadImage(createReadStream(tar)),
    (text) => (id = /sha256:\w+/.exec(text)?.[0] ?? id),
  );
  const [repo, tag = "latest"] = reference.split(":") as [string, string?];
  await docker.getImage(id).tag({ repo, tag });
  return reference;
}

/** Reads the daemon's answer. An error that comes after the answer has begun is in its last line. */
function toEnd(docker: Docker, answer: NodeJS.ReadableStream, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(
      answer,
      (error) => (error ? reject(error) : resolve()),
      ({ status, progress, stream }: Record<string, string | undefined>) =>
        report(stream ?? `${status} ${progress ?? ""}`),
    );
  });
}

/** The image is in the cache under its name only when it is complete. */
async function buildInto(tar: string, report: Report): Promise<void> {
  mkdirSync(dirname(tar), { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(`${tar}-`);
  try {
    renameSync(await buildNginxImage(folder, report), tar);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
