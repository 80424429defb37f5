import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, isIPv4 } from "node:net";
import { basename } from "node:path";

import { askDocker, dockerHost, type DockerHost } from "./docker-host.ts";
import { pids } from "./process-identity.ts";

/** State of a listening socket in /proc/net/tcp (proc(5), and TCP_LISTEN in the kernel's tcp_states.h). */
const LISTEN = "0A";

/** Who listens on a port. */
export interface Holder {
  /** As a message shows it, for example `nginx (pid 12)` or `container web`. */
  readonly label: string;
  /** Missing where the process is another user's. */
  readonly pid?: number;
  /** Name of the container whose port Docker published there. */
  readonly container?: string;
}

/**
 * Who keeps a TCP port from being listened on.
 *
 * @param address to listen on; `0.0.0.0` is every address of the machine.
 * @returns `undefined` where the port is free, and on a machine without /proc.
 */
export async function whoHolds(port: number, address = "127.0.0.1", host = dockerHost()): Promise<Holder | undefined> {
  const inodes = listeners(port, address);
  if (inodes.length === 0) return undefined;
  // The daemon first: the process that holds a container's port is root's, and only root may look into it.
  const container = await containerOf(port, address, host).catch(() => undefined);
  if (container !== undefined) return { label: `container ${container}`, container };
  const pid = ownerOf(inodes);
  if (pid === undefined) return { label: "another user's process" };
  const name = basename(readlinkSync(`/proc/${pid}/exe`)); // a thread may have renamed itself
  return { label: `${name} (pid ${pid})`, pid };
}

/** Why nobody can listen there, as the system's code, for example `EADDRINUSE`. Undefined: one can. */
export async function listenProblem(port: number, address: string): Promise<string | undefined> {
  const server = createServer().listen(port, address);
  try {
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    server.close();
  }
}

/** Whether this machine has an address. What else is wrong with it shows when a port is published. */
export async function hasAddress(address: string): Promise<boolean> {
  return (await listenProblem(0, address)) !== "EADDRNOTAVAIL";
}

/** The inodes of the sockets that listen on the port at this address or at every one. */
function listeners(port: number, address: string): string[] {
  const table = (path: string) =>
    read(path)
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
  return [...table("/proc/net/tcp"), ...table("/proc/net/tcp6")].flatMap(
    ([, local = "", , state, , , , , , inode = ""]) => {
      const [hex = "", hexPort = ""] = local.split(":");
      const everywhere = /^0+$/.test(hex) || address === "0.0.0.0" || address === "::";
      // Of a single IPv6 address it is not known how the kernel writes it: any listener counts.
      const clash = everywhere || !isIPv4(address) || hex.endsWith(hexOf(address));
      return state === LISTEN && parseInt(hexPort, 16) === port && clash ? [inode] : [];
    },
  );
}

/** An IPv4 address as the kernel writes it, in the byte order of the machine. All that run this are little-endian. */
function hexOf(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return bytes.reverse().join("").toUpperCase();
}

function ownerOf(inodes: string[]): number | undefined {
  const sockets = inodes.map((inode) => `socket:[${inode}]`);
  return pids().find((pid) => openFilesOf(pid).some((file) => sockets.includes(file)));
}

/** What the descriptors of a process stand for; nothing where it is another user's. */
function openFilesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const orNothing = <T>(look: () => T[]): T[] => {
    try {
      return look();
    } catch {
      return []; // not ours to see, or gone meanwhile
    }
  };
  return orNothing(() => readdirSync(folder)).flatMap((fd) => orNothing(() => [readlinkSync(`${folder}/${fd}`)]));
}

/** The container that Docker published the port of, at this address or where either is every address. */
async function containerOf(port: number, address: string, host: DockerHost): Promise<string | undefined> {
  const containers = (await askDocker(host, "/containers/json")) as {
    Names: string[];
    Ports: { IP?: string; PublicPort?: number }[];
  }[];
  const everywhere = ["0.0.0.0", "::"];
  const meets = (ip = "") => ip === address || everywhere.includes(ip) || everywhere.includes(address);
  const holder = containers.find(({ Ports }) => Ports.some(({ IP, PublicPort }) => PublicPort === port && meets(IP)));
  return holder?.Names[0]?.replace(/^\//, "");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
