import { existsSync } from "node:fs";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

import type Docker from "dockerode";

import { causeOf } from "./failure.ts";

/** Where the Docker daemon is looked for. */
export interface DockerHost {
  /** In the form of `DOCKER_HOST`, for example `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** Whether `DOCKER_HOST` names it: then it is the only place to look. */
  readonly chosen: boolean;
}

/** Debian's place for the daemon's socket, and the one every Docker client knows. */
export const DEFAULT_SOCKET = "/var/run/docker.sock";

/** A daemon answers in milliseconds; one that hangs, or a machine that is not there, must not hang us. */
const ANSWER_MILLISECONDS = 5000;

/**
 * The daemon that `DOCKER_HOST` names; else the usual socket, or the one of Docker Desktop or of a rootless daemon
 * where only that exists.
 */
export function dockerHost(env: NodeJS.ProcessEnv = process.env): DockerHost {
  if (env.DOCKER_HOST) return { address: env.DOCKER_HOST, chosen: true };
  const sockets = [DEFAULT_SOCKET, join(homedir(), ".docker/run/docker.sock")];
  if (env.XDG_RUNTIME_DIR) sockets.push(join(env.XDG_RUNTIME_DIR, "docker.sock"));
  return { address: `unix://${sockets.find((socket) => existsSync(socket)) ?? DEFAULT_SOCKET}`, chosen: false };
}

/** A client for the whole Docker API. Loading it takes longer than asking the daemon does, so it is loaded late. */
export async function dockerClient(host: DockerHost): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  const socketPath = socketOf(host);
  if (socketPath !== undefined) return new Client({ socketPath });
  if (!host.address.startsWith("tcp://")) return new Client(); // it reads DOCKER_HOST by itself
  const { hostname, port } = new URL(host.address);
  return new Client({ host: hostname, port });
}

/**
 * Asks the daemon one question. Returns the answer to `GET path`, `undefined` for "no such object".
 *
 * @throws with the cause where the daemon cannot be reached, does not answer soon, or refuses.
 */
export async function askDocker(host: DockerHost, path: string): Promise<unknown> {
  const signal = AbortSignal.timeout(ANSWER_MILLISECONDS);
  const socketPath = socketOf(host);
  if (socketPath !== undefined) return get(socketPath, path, signal);
  const { modem } = (await dockerClient(host)) as unknown as { modem: Modem };
  const taken = path.includes("?") ? `${path}&` : path; // docker-modem drops the last character of a path with a query
  return new Promise((resolve, reject) => {
    modem.dial({ path: taken, method: "GET", statusCodes: { 200: true }, abortSignal: signal }, (error, answer) => {
      if (error?.statusCode === 404) resolve(undefined);
      else if (error) reject(error);
      else resolve(answer);
    });
  });
}

/** Throws with the cause where no daemon answers. The cheapest question there is. */
export async function pingDocker(host: DockerHost): Promise<void> {
  await askDocker(host, "/_ping");
}

/** What the daemon itself said, without the client's words before it. */
export function dockerSays(error: unknown): string {
  return causeOf(error).replace(/^\(HTTP code \d+\) [a-z ]+ - /, "");
}

/** The part of dockerode's transport that its type declarations leave out. */
interface Modem {
  dial(
    options: { path: string; method: string; statusCodes: Record<number, true>; abortSignal: AbortSignal },
    done: (error: (Error & { statusCode?: number }) | null, answer: unknown) => void,
  ): void;
}

function socketOf({ address }: DockerHost): string | undefined {
  return address.startsWith("unix://") ? address.slice("unix://".length) || DEFAULT_SOCKET : undefined;
}

function get(socketPath: string, path: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A connection that is kept may be to a daemon that has ended since.
    request({ socketPath, path, signal, agent: false, headers: { Host: "docker" } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("error", reject);
      response.on("data", (text: string) => (body += text));
      response.on("end", () => {
        if (response.statusCode === 404) resolve(undefined);
        else if (response.statusCode !== 200) reject(new Error(`the daemon answered ${response.statusCode}: ${body}`));
        else resolve(response.headers["content-type"]?.startsWith("application/json") ? JSON.parse(body) : body);
      });
    })
      .on("error", reject)
      .end();
  });
}
