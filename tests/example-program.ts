/** A user's program on the real engine, in a folder and with a state of its own; `mtls-lab` is this checkout. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { stringify } from "yaml";

import { setUp } from "../toolchain/set-up.ts";
import { freePorts, type Outcome, run } from "./checkout.ts";

const SOURCES = resolve(import.meta.dirname, "..");
/** What the package gives to programs, and what that is made of. */
const PACKAGE = ["components", "resources", "rules", "templates"];

export class ExampleProgram {
  /** Where the program runs; its own files are here. Empty before {@link open}. */
  folder = "";
  readonly stack = `test${process.pid}`;
  readonly container: string;
  readonly #project: string;
  readonly #text: string;
  #env: NodeJS.ProcessEnv = {};
  port = 0;

  /**
   * @param file path below examples/, for example `hierarchies/two-roots.ts`.
   * @param text the program, where it is no example: `file` is its name only.
   */
  constructor(file: string, text = readFileSync(join(SOURCES, "examples", file), "utf8")) {
    this.#project = file.replace(/^.*\//, "").replace(/\.ts$/, "");
    this.container = `${this.#project}-${this.stack}-site`;
    this.#text = text;
  }

  // Node.js strips types of what is not below node_modules; it goes by where a link leads to.
  #linkPackages(): void {
    const modules = join(this.folder, "node_modules");
    const ours = join(modules, "mtls-lab");
    mkdirSync(ours, { recursive: true });
    for (const name of readdirSync(join(SOURCES, "node_modules"))) {
      symlinkSync(join(SOURCES, "node_modules", name), join(modules, name));
    }
    for (const name of PACKAGE) symlinkSync(join(SOURCES, name), join(ours, name));
    const exports = { ".": "./components/index.ts", "./resources": "./resources/index.ts" };
    writeFileSync(join(ours, "package.json"), JSON.stringify({ name: "mtls-lab", type: "module", exports }));
  }

  /** Makes the folder, sets the machine up, makes the stack and chooses its ports. */
  async open(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), "mtls-lab-program-"));
    this.#linkPackages();
    this.write("index.ts", this.#text);
    const state = join(this.folder, "state");
    mkdirSync(state);
    const { env } = await setUp({ docker: true, image: "nginx:stable" });
    this.#env = { ...env, PULUMI_BACKEND_URL: pathToFileURL(state).href, PULUMI_CONFIG_PASSPHRASE: "of this test" };
    const [httpPort, httpsPort] = (await freePorts(2)) as [number, number];
    this.port = httpsPort;
    const integer = (value: number) => ({ type: "integer", default: value });
    const project = {
      name: this.#project,
      runtime: { name: "nodejs", options: { typescript: false } },
      main: "index.ts",
      plugins: { providers: [{ name: "mtls", path: join(SOURCES, "provider") }] },
      config: { httpPort: integer(httpPort), httpsPort: integer(httpsPort) },
    };
    writeFileSync(join(this.folder, "Pulumi.yaml"), stringify(project));
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ type: "module" }));
    await this.succeed("stack", "init");
  }

  /** Runs the engine on the stack. */
  pulumi(...args: string[]): Promise<Outcome> {
    return run("pulumi", [...args, "--stack", this.stack, "--non-interactive"], this.folder, this.#env);
  }

  /** Runs the engine on the stack and returns what it printed. Throws if it fails. */
  async succeed(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.pulumi(...args);
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs `up` and returns what it printed; with `--expect-no-changes` that there was nothing to do. */
  up(...args: string[]): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview", ...args);
  }

  /** Runs an `up` that its own preview must stop, and returns what it printed. */
  async refusedUp(): Promise<string> {
    const { status, stdout, stderr } = await this.pulumi("up", "--yes");
    if (status === 0 || stdout.includes("Updating (")) throw new Error(`it was not refused:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** Path of the engine's state. */
  get stateFile(): string {
    return this.file(`state/.pulumi/stacks/${this.#project}/${this.stack}.json`);
  }

  /** Path of a file of the program. */
  file(path: string): string {
    return join(this.folder, path);
  }

  /** The text of a file of the program. */
  read(path: string): string {
    return readFileSync(this.file(path), "utf8");
  }

  /** Writes a file of the program; a key, for its owner only. */
  write(path: string, text: string): void {
    mkdirSync(join(this.file(path), ".."), { recursive: true });
    writeFileSync(this.file(path), text, { mode: 0o600 });
  }

  /** Status that the real curl gets, with the credentials of a client, if one is named. */
  async curl(host: string, cacert: string, client?: string): Promise<number> {
    const identity = client
      ? ["--cert", this.file(`${client}/chain.crt`), "--key", this.file(`${client}/client.key`)]
      : [];
    const trust = ["--cacert", this.file(cacert), "--resolve", `${host}:${this.port}:127.0.0.1`];
    const args = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", ...trust, ...identity];
    const { status, stdout, stderr } = await run("curl", [...args, `https://${host}:${this.port}/whoami`]);
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  }

  /** Destroys the stack and removes the folder. */
  async remove(): Promise<void> {
    try {
      if (existsSync(join(this.folder, "state", ".pulumi"))) await this.succeed("destroy", "--yes", "--skip-preview");
    } finally {
      await run("docker", ["rm", "--force", this.container]);
      rmSync(this.folder, { recursive: true });
    }
  }
}
