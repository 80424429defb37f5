import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DEFAULT_SOCKET, pingDocker } from "./docker-host.ts";
import { inspectNetwork, restoreNetwork } from "./host-network.ts";
import { argumentsOf, bootId, childrenOf, identify, pids, stillRuns } from "./process-identity.ts";
import { run, type Report } from "./run.ts";
import { readStarted, writeStarted, type StartedDaemon } from "./started.ts";

const POLL_MILLISECONDS = 100;
const START_SECONDS = 60;
/** dockerd itself gives its containers 15 s to stop. */
const STOP_SECONDS = 30;
/** What a daemon makes outside the folders that it is given. */
const FILES = ["/etc/docker/key.json", "/opt/containerd", "/run/containerd", "/run/docker"];

/** dockerd and the programs that it calls are in folders that not every user has on PATH. */
export const DAEMON_PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

/** A daemon of our own: where it keeps its things, and how it is started. */
export interface Dockerd {
  /** The cache: `started.json` and the daemon's folder are in it. */
  readonly cache: string;
  /** @default /var/run/docker.sock */
  readonly socket?: string;
  /** Further arguments, for example `--iptables=false`. */
  readonly flags?: readonly string[];
}

/**
 * Starts dockerd as a process that outlives this one, and waits until it answers. What it is going to change on the
 * machine is on record before it runs, so that an interrupted start can be stopped too.
 *
 * @throws where it ends at once, with the last line of its log.
 */
export async function startDockerd(dockerd: Dockerd, report: Report): Promise<void> {
  const { cache, socket = DEFAULT_SOCKET, flags = [] } = dockerd;
  const { folder, pidFile, log, data, exec } = pathsIn(cache);
  if (runningDockerd(cache) === undefined) {
    await sweep(cache);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const before = recordBefore(cache, socket);
    const output = openSync(log, "w", 0o600);
    const args = [
      "--host",
      `unix://${socket}`,
      "--pidfile",
      pidFile,
      "--data-root",
      data,
      "--exec-root",
      exec,
      ...flags,
    ];
    const child = spawn("dockerd", args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...process.env, PATH: DAEMON_PATH },
    });
    child.on("error", () => {}); // shows below, as a daemon that has ended
    child.unref();
    closeSync(output);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    writeStarted(cache, { dockerd: { ...before, process: identity } });
  }

  report("waiting for dockerd to answer");
  const patience = Date.now() + START_SECONDS * 1000;
  for (; Date.now() < patience; await sleep(POLL_MILLISECONDS)) {
    if (await answers(socket)) return;
    if (runningDockerd(cache) === undefined) throw new Error(`dockerd ended: ${lastMessage(log)}`);
  }
  throw new Error(`dockerd did not answer within ${START_SECONDS} s: see ${log}`);
}

/**
 * Stops and removes the daemon that set-up started: its containers, images and volumes, and what it changed in the
 * machine's network. Does nothing where none is on record. Packages that set-up installed stay.
 *
 * @returns whether there was anything to stop or remove.
 */
export async function stopDockerd(cache: string): Promise<boolean> {
  const { dockerd } = readStarted(cache);
  const { folder } = pathsIn(cache);
  if (dockerd === undefined && !existsSync(folder)) return false;

  const pid = runningDockerd(cache);
  if (pid !== undefined) {
    end(pid, "SIGTERM");
    const patience = Date.now() + STOP_SECONDS * 1000;
    for (; runningDockerd(cache) === pid; await sleep(POLL_MILLISECONDS)) {
      if (Date.now() > patience) end(pid, "SIGKILL");
    }
  }
  await sweep(cache);
  rmSync(folder, { recursive: true, force: true });
  // Where ours was not running, another daemon may have made them its own by now, in this boot or before.
  const isLeft = async (of: StartedDaemon) => of.bootId === bootId() && !(await answers(of.socket));
  if (dockerd !== undefined && (pid !== undefined || (await isLeft(dockerd)))) {
    if (dockerd.network) restoreNetwork(dockerd.network);
    for (const file of dockerd.files) rmSync(file, { recursive: true, force: true });
  }
  writeStarted(cache, {});
  return true;
}

/**
 * The pid of our daemon, by the record. Where set-up was killed before it wrote the pid, or the record is spoilt, by
 * dockerd's own pid file, if that process was started with it.
 */
export function runningDockerd(cache: string): number | undefined {
  const known = readStarted(cache).dockerd?.process;
  if (known !== undefined) return stillRuns(known) ? known.pid : undefined;
  const { pidFile } = pathsIn(cache);
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  return argumentsOf(pid).includes(pidFile) && identify(pid) ? pid : undefined;
}

// A daemon that was killed has left its traces in the network until the machine boots again: they are not "before".
function recordBefore(cache: string, socket: string): StartedDaemon {
  const last = readStarted(cache).dockerd;
  const network = last?.bootId === bootId() ? last.network : inspectNetwork();
  const files = last?.files ?? [socket, ...FILES].filter((file) => !existsSync(file));
  const before = { bootId: bootId(), socket, network, files };
  writeStarted(cache, { dockerd: before });
  return before;
}

/** Whether a daemon listens there, ours or another. */
function answers(socket: string = DEFAULT_SOCKET): Promise<boolean> {
  return pingDocker({ address: `unix://${socket}`, chosen: false }).then(
    () => true,
    () => false,
  );
}

// What a daemon that was killed leaves running or mounted: each would make the next start, or the removal, fail.
async function sweep(cache: string): Promise<void> {
  const { folder, exec } = pathsIn(cache);
  for (const pid of pids().filter((pid) => argumentsOf(pid).some((argument) => argument.startsWith(`${exec}/`)))) {
    for (const each of [...childrenOf(pid), pid]) end(each, "SIGKILL");
  }
  const mounted = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounted.filter((path) => path.startsWith(`${folder}/`)).reverse())
    await run("umount", ["-l", path]);
  rmSync(exec, { recursive: true, force: true });
}

function end(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function pathsIn(cache: string) {
  const folder = join(cache, "dockerd");
  const inside = (name: string) => join(folder, name);
  return { folder, pidFile: inside("pid"), log: inside("log"), data: inside("data"), exec: inside("exec") };
}

function lastMessage(log: string): string {
  const line = readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "";
  return /msg="(.*?)"( \w+=|$)/.exec(line)?.[1] ?? line;
}
