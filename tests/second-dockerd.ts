/** A Docker daemon of a test's own: it listens on loopback by mutual TLS, and does not see all of this machine's files. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DAEMON_PATH } from "../toolchain/dockerd.ts";
import { freePorts } from "./checkout.ts";

/** What the daemon shows and whom it trusts, and what its client shows and trusts: folders, with Docker's names in them. */
export interface Keys {
  daemon: string;
  client: string;
}

export class SecondDockerd {
  readonly folder = mkdtempSync(join(tmpdir(), "mtls-lab-dockerd-"));
  /** A link's name has at most 15 characters. */
  readonly #bridge = `mtls${process.pid}`;
  #process: ChildProcess | undefined;
  #port = 0;
  #keys: Keys = { daemon: "", client: "" };
  #hidden = "";

  /** What its clients find it by. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DOCKER_HOST: `tcp://127.0.0.1:${this.#port}`,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: this.#keys.client,
    };
  }

  /**
   * Makes its network, starts it and waits until it answers.
   *
   * @param hidden a folder that is empty for the daemon, as one of another machine is.
   */
  async start(keys: Keys, hidden: string): Promise<void> {
    this.#keys = keys;
    this.#hidden = hidden;
    [this.#port] = (await freePorts(1)) as [number];
    ip("link", "add", this.#bridge, "type", "bridge");
    ip("address", "add", `10.${randomInt(1, 255)}.${randomInt(1, 255)}.1/24`, "dev", this.#bridge);
    await this.resume();
  }

  /** Starts it where it has been before. */
  async resume(): Promise<void> {
    const { daemon } = this.#keys;
    mkdirSync(this.#hidden, { recursive: true });
    const log = openSync(join(this.folder, "log"), "a");
    const args = [
      `--host=tcp://127.0.0.1:${this.#port}`,
      "--tlsverify",
      ...[`--tlscacert=${daemon}/ca.pem`, `--tlscert=${daemon}/server-cert.pem`, `--tlskey=${daemon}/server-key.pem`],
      ...["data-root", "exec-root", "pidfile"].map((name) => `--${name}=${join(this.folder, name)}`),
      // The rules of the other daemon stay as they are; a published port is passed on by Docker's own proxy.
      ...[`--bridge=${this.#bridge}`, "--iptables=false", "--ip6tables=false", "--ip-masq=false"],
    ];
    const hide = 'mount -t tmpfs tmpfs "$0" && exec dockerd "$@"';
    this.#process = spawn("unshare", ["--mount", "sh", "-c", hide, this.#hidden, ...args], {
      env: { ...process.env, PATH: DAEMON_PATH },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    for (;;) {
      try {
        this.docker("version");
        return;
      } catch {
        if (this.#process.exitCode !== null) throw new Error(readFileSync(join(this.folder, "log"), "utf8"));
        await sleep(100);
      }
    }
  }

  /** Runs the Docker client on it. */
  docker(...args: string[]): string {
    return execFileSync("docker", args, { env: this.env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  }

  /** Ends it, with its containers. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGTERM");
    await ended;
  }

  /** Ends it and removes all that is its own. */
  async remove(): Promise<void> {
    await this.stop();
    ip("link", "delete", this.#bridge);
    rmSync(this.folder, { recursive: true });
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { env: { ...process.env, PATH: DAEMON_PATH } });
}
