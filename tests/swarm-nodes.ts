/**
 * A Docker Swarm of several machines on this one. Each node is a daemon in namespaces of its own, with folders, interfaces and firewall
 * rules of its own; all of them, and this machine, are plugged into one switch. No other daemon is touched but for a copy of an image.
 * Needs root, or sudo without a password.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { pingDocker } from "../toolchain/docker-host.ts";
import { DAEMON_PATH } from "../toolchain/dockerd.ts";

const POLL_MS = 50;
const SUDO = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];

/** What a daemon would share with others it gets for itself. */
const OWN_FOLDERS = "mkdir -p /etc/docker; for path in /run /opt /etc/docker; do mount -t tmpfs none $path; done";

/** A process in namespaces of its own. What it has there ends with it. */
interface Machine {
  child: ChildProcess;
  pid: number;
}

export class SwarmNodes {
  /** One for each node; the first is the manager's. */
  readonly addresses: string[];
  readonly #folder = mkdtempSync(join(tmpdir(), "mtls-lab-swarm-"));
  readonly #subnet = freeSubnet();
  #switch: Machine | undefined;
  readonly #nodes: Machine[] = [];

  constructor(count: number) {
    this.addresses = Array.from({ length: count }, (_, index) => `${this.#subnet}.${index + 1}`);
  }

  /** A node in the form of `DOCKER_HOST`. */
  host(node = 0): string {
    return `tcp://${this.addresses[node]}:2375`;
  }

  /** Runs the Docker client on a node. */
  docker(node: number, ...args: string[]): string {
    return execFileSync("docker", ["--host", this.host(node), ...args], { encoding: "utf8", stdio: "pipe" }).trim();
  }

  /** Starts the daemons, none of which is in a swarm, and gives each an image that this machine's daemon has. */
  async open(image: string): Promise<void> {
    const bridge = "ip link add bridge type bridge; ip link set bridge up";
    this.#switch = await this.#start("switch", bridge, "exec sleep infinity");
    this.#plug(`mtls${process.pid}`);
    ip("address", "add", `${this.#subnet}.254/24`, "dev", `mtls${process.pid}`);
    ip("link", "set", `mtls${process.pid}`, "up");
    const archive = join(this.#folder, "image.tar");
    execFileSync("docker", ["save", "--output", archive, image]);
    for (const [index, address] of this.addresses.entries()) {
      const node = await this.#start(`node${index}`, OWN_FOLDERS, this.#daemon(index, address));
      this.#nodes.push(node);
      this.#plug("eth0", node);
    }
    for (const [index] of this.addresses.entries()) {
      await this.#answers(index);
      this.docker(index, "load", "--quiet", "--input", archive);
    }
  }

  /** Makes a swarm of the nodes. */
  join(): void {
    const [manager, ...workers] = this.addresses;
    this.docker(0, "swarm", "init", "--advertise-addr", manager!);
    const token = this.docker(0, "swarm", "join-token", "--quiet", "worker");
    for (const [index] of workers.entries())
      this.docker(index + 1, "swarm", "join", "--token", token, `${manager}:2377`);
  }

  /** Ends the daemons, and removes all that they had. */
  async remove(): Promise<void> {
    await Promise.all(this.#nodes.map(end)); // while they still reach each other
    if (this.#switch) await end(this.#switch);
    asRoot("rm", "-rf", this.#folder);
  }

  /** The command of a node's daemon, which waits for its cable. */
  #daemon(index: number, address: string): string {
    const place = (name: string) => join(this.#folder, `node${index}`, name);
    const flags = [`--host ${this.host(index)}`, `--data-root ${place("data")}`, `--exec-root ${place("exec")}`];
    return [
      `until ip address add ${address}/24 dev eth0; do sleep 0.05; done; ip link set eth0 up`,
      `exec dockerd ${flags.join(" ")} --pidfile ${place("pid")} --log-level warn`,
    ].join("; ");
  }

  /** Runs a script in namespaces of its own, and returns when its first part has ended. */
  async #start(name: string, first: string, then: string): Promise<Machine> {
    const [pidFile, log] = [join(this.#folder, `${name}.pid`), join(this.#folder, `${name}.log`)];
    const command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c"];
    const whole = `exec > ${log} 2>&1; ip link set lo up; ${first}; echo $$ > ${pidFile}; ${then}`;
    const [program = "", ...args] = [...SUDO, ...command, whole];
    const child = spawn(program, args, { stdio: "ignore", env: { ...process.env, PATH: DAEMON_PATH } });
    for (; !existsSync(pidFile) || readFileSync(pidFile, "utf8") === ""; await sleep(POLL_MS)) {
      if (child.exitCode !== null) throw new Error(`${command.join(" ")} ended with ${child.exitCode}`);
    }
    return { child, pid: Number(readFileSync(pidFile, "utf8")) };
  }

  /** Puts a cable between the switch and an interface of a node, or of this machine. */
  #plug(name: string, node?: Machine): void {
    const namespace = `${this.#switch!.pid}`;
    const socket = `to-${node?.pid ?? "host"}`;
    ip(
      "link",
      "add",
      name,
      ...(node ? ["netns", `${node.pid}`] : []),
      "type",
      "veth",
      "peer",
      socket,
      "netns",
      namespace,
    );
    asRoot("nsenter", "--net", "--target", namespace, "ip", "link", "set", socket, "master", "bridge", "up");
  }

  async #answers(index: number): Promise<void> {
    const host = { address: this.host(index), chosen: true };
    const { child } = this.#nodes[index]!;
    for (; ; await sleep(POLL_MS)) {
      if (
        await pingDocker(host).then(
          () => true,
          () => false,
        )
      )
        return;
      if (child.exitCode === null) continue;
      throw new Error(`dockerd ended:\n${readFileSync(join(this.#folder, `node${index}.log`), "utf8")}`);
    }
  }
}

async function end({ child, pid }: Machine): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  asRoot("kill", `${pid}`);
  await ended;
}

/** The first three numbers of a network that nobody is in. */
function freeSubnet(): string {
  const taken = Object.values(networkInterfaces()).flatMap((ones) => ones?.map(({ address }) => address) ?? []);
  for (;;) {
    const subnet = `10.${200 + Math.floor(Math.random() * 55)}.${Math.floor(Math.random() * 256)}`;
    if (!taken.some((address) => address.startsWith(`${subnet}.`))) return subnet;
  }
}

function ip(...args: string[]): void {
  asRoot("ip", ...args);
}

function asRoot(...command: string[]): void {
  const [program = "", ...args] = [...SUDO, ...command];
  execFileSync(program, args, { stdio: "pipe", env: { ...process.env, PATH: DAEMON_PATH } });
}
