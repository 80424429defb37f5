import { execFileSync } from "node:child_process";

import { Checkout, freePorts, run } from "./checkout.ts";

/** The engine's count for an `up` of the default lab that had nothing to do. */
export const NOTHING = ["29 unchanged"];

/** A lab on the real engine, daemon and nginx, on ports of its own. */
export class LiveLab extends Checkout {
  readonly host = "lab.localhost";
  readonly container: string;
  httpPort = 0;
  httpsPort = 0;
  /** Where the site is. */
  address = "127.0.0.1";

  /** @param name what the test is about; the process id makes the stack's name unique. */
  constructor(name: string) {
    super(`it-${name}-${process.pid}`);
    this.container = `mtls-lab-${this.stack}-site`;
  }

  /** Chooses ports and writes the stack's file. */
  async open(): Promise<void> {
    [this.httpPort, this.httpsPort] = (await freePorts(2)) as [number, number];
    this.configure({});
  }

  override configure(settings: Record<string, unknown>): void {
    super.configure({ httpPort: this.httpPort, httpsPort: this.httpsPort, ...settings });
  }

  /** Runs `up` and returns the engine's count of what it did, for example `29 created`. Throws if it fails. */
  async up(): Promise<string[]> {
    const { status, stdout, stderr } = await this.lab("up");
    const [, summary] = /Resources:\n((?: {4}.+\n)+)/.exec(stdout) ?? [];
    if (status !== 0 || summary === undefined) throw new Error(`up ended with ${status}:\n${stdout}${stderr}`);
    return summary
      .trim()
      .split("\n")
      .map((line) => line.replace(/^[\s+~-]+/, ""));
  }

  /** Asks the site for a path with the real curl. */
  async curl(path: string, ...args: string[]): Promise<{ status: number; body: string }> {
    const trust = ["--resolve", `${this.host}:${this.httpsPort}:${this.address}`, "--cacert", this.file("root.crt")];
    const url = `https://${this.host}:${this.httpsPort}${path}`;
    const { stdout, stderr } = await run("curl", ["-sS", "-w", "\n%{http_code}", ...trust, ...args, url]);
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) || stderr };
  }

  /** curl's options for one of the lab's clients. */
  as(client: string): string[] {
    const folder = this.file(`clients/${client}`);
    return ["--cert", `${folder}/chain.crt`, "--key", `${folder}/client.key`];
  }

  /** Serial number of the certificate that is served now. */
  servedSerial(): string {
    const args = ["s_client", "-connect", `${this.address}:${this.httpsPort}`, "-servername", this.host];
    const shaken = execFileSync("openssl", args, { input: "", stdio: ["pipe", "pipe", "ignore"] });
    const serial = execFileSync("openssl", ["x509", "-noout", "-serial"], { input: shaken, encoding: "utf8" });
    return serial.trim().replace("serial=", "");
  }
}

/** Runs the Docker client. */
export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8" }).trim();
}
