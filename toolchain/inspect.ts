import { cacheFolder } from "./cache.ts";
import { freeSpace, gigabytes } from "./disk.ts";
import { dockerDaemon, thisMachine, whyNotStart } from "./docker-daemon.ts";
import { dockerHost } from "./docker-host.ts";
import { engine } from "./engine.ts";
import { causeOf, Failure } from "./failure.ts";
import { BUILD_BYTES } from "./go-program.ts";
import { lookUp, type Need } from "./need.ts";
import { nginxImage } from "./nginx-image.ts";
import { plugin } from "./plugin.ts";
import { type Holder, whoHolds } from "./port.ts";
import { run } from "./run.ts";

/** One thing that the lab needs of the machine. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What is there, or why it is not. */
  readonly found: string;
  /** What mends it, a command where there is one. Missing where nothing is to be mended. */
  readonly mend?: string;
}

/** What is asked of the machine beside the tools. */
export interface Site {
  /** The image that the site's container is made of. */
  readonly image: string;
  /** Whether it is the site itself that holds one of its ports: that is as it should be. */
  readonly isOwn: (port: number, holder: Holder) => Promise<boolean>;
  /** Address of the host on which the ports are published. */
  readonly bindAddress: string;
  /** By configuration key. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Says what this machine has and lacks for the lab. Changes nothing, and asks no server but the Docker daemon.
 *
 * @param up the command that gets what is missing.
 * @param site undefined: none is deployed, and nothing that belongs to it is needed.
 */
export async function inspect(
  up: string,
  site: Site | undefined,
  env = process.env,
  cache = cacheFolder(env),
): Promise<Finding[]> {
  const tools = [
    await look("Pulumi engine", engine(cache, env), up),
    await look("Plugin tls", plugin("tls", "", cache, env), up),
    await look("Plugin docker", plugin("docker", "", cache, env), up),
  ];
  const complete = tools.every(({ ok }) => ok);
  return [
    { name: "Node.js", ok: true, found: process.version },
    await program("npm", "--version", complete, "install npm, see https://nodejs.org/en/download"),
    await program("go", "version", complete, "install Go, see https://go.dev/doc/install"),
    disk(cache, complete),
    ...tools,
    ...(site ? await inspectSite(up, site, env, cache) : []),
  ];
}

/** What a site that is deployed needs. */
async function inspectSite(up: string, site: Site, env: NodeJS.ProcessEnv, cache: string): Promise<Finding[]> {
  const host = dockerHost(env);
  return [
    await look("Docker daemon", dockerDaemon(cache, env), whyNotStart(host, thisMachine()) ?? up),
    await look(`Image ${site.image}`, nginxImage(site.image, cache, host), up),
    ...(await Promise.all(Object.entries(site.ports).map(([key, number]) => port(key, number, site)))),
  ];
}

async function look<T>(name: string, need: Need<T>, mend: string): Promise<Finding> {
  try {
    return { name, ok: true, found: (await lookUp(need)).source };
  } catch (error) {
    if (error instanceof Failure) return { name, ok: false, found: "not usable", mend: error.message };
    return { name, ok: false, found: causeOf(error), mend };
  }
}

/** A program that set-up runs; not missed where set-up has nothing more to do. */
async function program(name: string, versionArgument: string, complete: boolean, mend: string): Promise<Finding> {
  try {
    return { name, ok: true, found: (await run(name, [versionArgument])).trim() };
  } catch {
    return complete ? { name, ok: true, found: "none, and not needed" } : { name, ok: false, found: "none", mend };
  }
}

function disk(cache: string, complete: boolean): Finding {
  const { folder, bytes } = freeSpace(cache);
  const found = `${gigabytes(bytes)} free in ${folder}`;
  if (complete || bytes >= BUILD_BYTES) return { name: "Disk", ok: true, found };
  return { name: "Disk", ok: false, found, mend: `make room: building the engine needs ${gigabytes(BUILD_BYTES)}` };
}

async function port(key: string, number: number, { bindAddress, isOwn }: Site): Promise<Finding> {
  const name = `Port ${number}`;
  const holder = await whoHolds(number, bindAddress);
  if (holder === undefined) return { name, ok: true, found: "free" };
  if (await isOwn(number, holder)) return { name, ok: true, found: "the lab's own" };
  const mend = `stop it, or choose another port with ${key} in the stack's configuration`;
  return { name, ok: false, found: `taken by ${holder.label}`, mend };
}
