/** What is measured: the same operations done by the lab, by an empty Pulumi program, and by a shell script. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { packageRoot } from "../toolchain/package-root.ts";
import { Checkout, freePorts, run } from "../tests/checkout.ts";

/** The operations in the order in which a round does them. */
export const OPERATIONS = [
  "first up",
  "unchanged up",
  "preview",
  "one client more",
  "certificate renewed",
  "down",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One way to do the work. An operation that it does not have is not measured. */
export interface Side {
  name: string;
  /** Done before a round, not measured. */
  prepare(): Promise<void> | void;
  operations: Partial<Record<Operation, () => Promise<void>>>;
  /** Removes everything. */
  close(): Promise<void> | void;
}

/** The same flags for every side that is a Pulumi program. */
const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];
const PREVIEW = ["preview", "--suppress-outputs", "--non-interactive"];
const DESTROY = ["destroy", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];
const STACK = ["--stack", "bench"];

/** A program whose engine is called directly, on a state of its own. */
function program(name: string, folder: string, state: string, env: NodeJS.ProcessEnv): Side {
  const own = {
    ...env,
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    NODE_NO_WARNINGS: "1",
  };
  const pulumi = (...args: string[]) => must("pulumi", args, folder, own);
  return {
    name,
    async prepare() {
      mkdirSync(state, { recursive: true });
      await pulumi("stack", "select", "--create", "bench");
    },
    operations: {
      "first up": () => pulumi(...UP, ...STACK),
      "unchanged up": () => pulumi(...UP, "--expect-no-changes", ...STACK),
      preview: () => pulumi(...PREVIEW, "--expect-no-changes", ...STACK),
      down: () => pulumi(...DESTROY, ...STACK),
    },
    close: () => rmSync(state, { recursive: true, force: true }),
  };
}

/** The floor: a program that declares nothing. */
export function emptyProgram(env: NodeJS.ProcessEnv): Side {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-empty-"));
  cpSync(join(packageRoot, "bench", "empty"), folder, { recursive: true });
  symlinkSync(join(packageRoot, "node_modules"), join(folder, "node_modules"));
  const side = program("empty program", folder, join(folder, "state"), env);
  return { ...side, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The lab, by the engine itself. */
export async function labProgram(env: NodeJS.ProcessEnv): Promise<{ side: Side; checkout: Checkout }> {
  const checkout = new Checkout("bench");
  const [httpPort, httpsPort] = await freePorts(2);
  const configure = (settings: object) => checkout.configure({ httpPort, httpsPort, ...settings });
  configure({});
  const side = program("lab", checkout.root, join(checkout.root, "bench-state"), env);
  const { "first up": first, "unchanged up": again } = side.operations;
  const changed = (settings: object) => {
    configure(settings);
    return first!();
  };
  return {
    checkout,
    side: {
      ...side,
      async prepare() {
        configure({});
        await side.prepare();
      },
      operations: {
        ...side.operations,
        "unchanged up": again!,
        "one client more": () => changed({ clients: ["alice", "bob", "carol"] }),
        "certificate renewed": () => changed({ clients: ["alice", "bob", "carol"], serverValidityHours: 8000 }),
      },
      async close() {
        await side.operations.down!().catch(() => undefined); // it may be down already
        rmSync(checkout.root, { recursive: true, force: true });
      },
    },
  };
}

/** The lab by its verbs: with the checks of set-up, and what a user waits for in all. */
export async function labVerbs(): Promise<Side> {
  const checkout = new Checkout("verbs");
  const [httpPort, httpsPort] = await freePorts(2);
  const configure = (settings: object) => checkout.configure({ httpPort, httpsPort, ...settings });
  const verb = async (name: string, settings: object = {}) => {
    configure(settings);
    const { status, stdout, stderr } = await checkout.lab(name);
    if (status !== 0) throw new Error(`${name}: ${stdout}${stderr}`);
  };
  return {
    name: "npm run",
    prepare: () => configure({}),
    operations: {
      "first up": () => verb("up"),
      "unchanged up": () => verb("up"),
      preview: () => verb("preview"),
      "one client more": () => verb("up", { clients: ["alice", "bob", "carol"] }),
      "certificate renewed": () => verb("up", { clients: ["alice", "bob", "carol"], serverValidityHours: 8000 }),
      down: () => verb("down"),
    },
    close: () => checkout.remove(),
  };
}

/** openssl and docker in a shell script: it keeps no state, so it has no unchanged up and no preview. */
export async function shellScript(site: string): Promise<Side> {
  const folder = join(mkdtempSync(join(tmpdir(), "mtls-lab-shell-")), "lab");
  const script = join(packageRoot, "bench", "shell-lab.sh");
  const container = `mtls-lab-shell-${process.pid}`;
  const [httpPort, httpsPort] = (await freePorts(2)).map(String);
  const shell = (...args: string[]) => must(script, args);
  return {
    name: "shell script",
    prepare: () => undefined,
    operations: {
      "first up": () => shell("up", folder, httpPort!, httpsPort!, container, site),
      "one client more": () => shell("client", folder, "carol"),
      "certificate renewed": () => shell("renew", folder, container),
      down: () => shell("down", folder, container),
    },
    async close() {
      await run("docker", ["rm", "-f", container]);
      for (const made of [join(folder, ".."), site]) rmSync(made, { recursive: true, force: true });
    },
  };
}

async function must(command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<void> {
  const { status, stdout, stderr } = await run(command, args, cwd, env);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
}

/** The nginx.conf and the pages that the lab rendered, for the script to use. */
export function copySite(checkout: Checkout): string {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-site-"));
  const current = join(checkout.root, ".lab", checkout.stack, "site", "current");
  cpSync(join(current, "nginx.conf"), join(folder, "nginx.conf"));
  cpSync(join(current, "pages"), join(folder, "pages"), { recursive: true });
  return folder;
}
