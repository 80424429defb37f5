import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it, jest } from "@jest/globals";

import { packageRoot } from "../../toolchain/package-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

/** The smallest package that this one depends on; the real lock file says which. */
const SMALL = "node_modules/ms";
const { packages } = JSON.parse(readFileSync(join(packageRoot, "package-lock.json"), "utf8")) as {
  packages: Record<string, { version: string }>;
};

/** A clone of a project with one development dependency, as those of the lab are, and a main that tells how it was called. */
function clone() {
  const root = temporaryFolder();
  mkdirSync(join(root, "cli"));
  copyFileSync(join(packageRoot, "cli/bootstrap.mjs"), join(root, "cli/bootstrap.mjs"));
  const main = `const args: string[] = process.argv.slice(2);
    if (args[0] === "fail") process.exitCode = 7;
    if (args[0] === "wait") { process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); }
    console.log(JSON.stringify({ args, cache: process.env.NODE_COMPILE_CACHE }));`;
  writeFileSync(join(root, "cli/main.ts"), main);
  writeManifest(root, packages[SMALL]!.version);
  return root;
}

function writeManifest(root: string, version: string, small: object = packages[SMALL]!): void {
  const manifest = { name: "clone", version: "1.0.0", type: "module", devDependencies: { ms: version } };
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    packages: { "": manifest, [SMALL]: { ...small, version, dev: true } },
  };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
}

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

async function bootstrap(root: string, args: string[], env = {}, nodeArgs: string[] = []): Promise<Result> {
  const inherited = { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: undefined }; // those of this run of tests
  const options = { cwd: root, env: { ...inherited, MTLS_LAB_CACHE: join(root, "cache"), ...env } };
  try {
    const program = [...nodeArgs, join(root, "cli/bootstrap.mjs"), ...args];
    return { status: 0, ...(await promisify(execFile)(process.execPath, program, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

const installedIn = (root: string) => existsSync(join(root, SMALL, "package.json"));

describe("bootstrap", () => {
  it("installs the packages first, says so, and runs the verb; the next time it only runs the verb", async () => {
    const root = clone();
    const first = await bootstrap(root, ["up", "--stack", "dev"]);

    expect(first.stderr).toMatch(/^npm packages \.\.\.\nnpm packages: installed \(\d+ s\)\n$/);
    expect(JSON.parse(first.stdout)).toEqual({
      args: ["up", "--stack", "dev"],
      cache: expect.stringMatching(/\/cache\/compiled$/),
    });
    expect(first.status).toBe(0);
    expect(installedIn(root)).toBe(true);
    expect(readdirSync(join(root, ".lab"))).toEqual([]);
    expect(await bootstrap(root, ["--help"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("installs development dependencies where npm is told to leave them out, too", async () => {
    const root = clone();

    expect((await bootstrap(root, [], { NODE_ENV: "production" })).status).toBe(0);
    expect(installedIn(root)).toBe(true);
  });

  it("installs again when package-lock.json has changed, and then only", async () => {
    const root = clone();
    await bootstrap(root, []);
    writeManifest(root, "2.1.2", { integrity: "" });

    expect((await bootstrap(root, [])).stderr).toContain("npm packages: installed");
    expect(JSON.parse(readFileSync(join(root, SMALL, "package.json"), "utf8"))).toMatchObject({ version: "2.1.2" });
    expect((await bootstrap(root, [])).stderr).toBe("");
  });

  it("takes what somebody else's `npm ci` has installed", async () => {
    const root = clone();
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root });

    expect((await bootstrap(root, [])).stderr).toBe("");
  });

  it("leaves all or nothing when it is killed, and mends it the next time", async () => {
    const root = clone();
    const args = [join(root, "cli/bootstrap.mjs")];
    const killed = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    await once(killed.stderr, "data");
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect(existsSync(join(root, "node_modules"))).toBe(false);

    expect((await bootstrap(root, [])).status).toBe(0);
    expect(installedIn(root)).toBe(true);
  });

  it("serves two at once", async () => {
    const root = clone();
    const both = await Promise.all([bootstrap(root, ["one"]), bootstrap(root, ["two"])]);

    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(installedIn(root)).toBe(true);
    expect(readdirSync(join(root, ".lab"))).toEqual([]);
  });

  it("shows npm's words where that fails, and leaves nothing", async () => {
    const root = clone();
    writeManifest(root, "2.1.3", { integrity: "sha512-AAAA" });
    const { status, stdout, stderr } = await bootstrap(root, []);

    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/npm error code EINTEGRITY[^]*npm packages: `npm ci` failed after \d+ s, see above\n$/);
    expect(existsSync(join(root, "node_modules"))).toBe(false);
  });

  it("says where npm comes from where there is none", async () => {
    const { status, stderr } = await bootstrap(clone(), [], { PATH: "/nowhere" });

    expect(status).toBe(1);
    expect(stderr).toBe(
      "npm packages ...\nnpm is not on PATH: install it with Node.js, see https://nodejs.org/en/download\n",
    );
  });

  it("passes the verb's exit code on", async () => {
    const root = clone();

    expect((await bootstrap(root, ["fail"])).status).toBe(7);
  });

  it.each([
    ["an empty HOME", { HOME: "" }, ".cache/mtls-lab"],
    ["a cache in the folder that one is in", { MTLS_LAB_CACHE: "cache" }, "cache"],
  ])("refuses %s, and makes nothing there", async (_, env, cache) => {
    const root = clone();
    await bootstrap(root, []);
    const before = readdirSync(root);

    expect(await bootstrap(root, ["up"], { MTLS_LAB_CACHE: "", XDG_CACHE_HOME: "", ...env })).toEqual({
      status: 1,
      stdout: "",
      stderr: `the cache must have an absolute path, got '${cache}': set HOME or MTLS_LAB_CACHE to a folder of yours\n`,
    });
    expect(readdirSync(root)).toEqual(before);
  });

  it("says where the lab is to be had where only the components are", async () => {
    const root = clone();
    rmSync(join(root, "package-lock.json"));
    rmSync(join(root, "cli/main.ts"));

    expect(await bootstrap(root, [])).toEqual({
      status: 1,
      stdout: "",
      stderr: "this package holds the components only: run the lab in a clone of its repository, npm run up\n",
    });
  });
});

describe("bootstrap on a Node that cannot run TypeScript", () => {
  const OLD = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.0.0'})";

  /** A clone that has been set up, with this Node as the one among the packages. */
  async function withNode() {
    const root = clone();
    await bootstrap(root, []);
    mkdirSync(join(root, "node_modules/node/bin"), { recursive: true });
    writeFileSync(join(root, "node_modules/node/package.json"), "{}");
    symlinkSync(process.execPath, join(root, "node_modules/node/bin/node"));
    return root;
  }

  it("runs the verb in the Node among the packages, with its arguments and exit code", async () => {
    const root = await withNode();
    const { status, stdout } = await bootstrap(root, ["fail", "a b"], {}, ["--import", OLD]);

    expect(JSON.parse(stdout)).toMatchObject({ args: ["fail", "a b"] });
    expect(status).toBe(7);
  });

  it("says how to get its binary where npm ran no scripts", async () => {
    const root = await withNode();
    const node = join(root, "node_modules/node/bin/node");
    rmSync(node);

    expect(await bootstrap(root, [], {}, ["--import", OLD])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `the Node.js among the npm packages does not start (spawn ${node} ENOENT), as where npm runs no scripts: ` +
        "npm rebuild node --ignore-scripts=false, or install Node.js 22.18 or newer\n",
    });
  });

  it("passes signals on and waits for the verb to end", async () => {
    const root = await withNode();
    const args = ["--import", OLD, join(root, "cli/bootstrap.mjs"), "wait"];
    const running = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    await once(running.stdout, "data");
    running.kill("SIGTERM");

    expect(await once(running, "exit")).toEqual([9, null]);
  });
});
