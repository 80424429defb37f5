import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hasApt, installPackages } from "../toolchain/apt.ts";
import { cacheFolder } from "../toolchain/cache.ts";
import { stopStarted } from "../toolchain/docker-daemon.ts";
import { Failure } from "../toolchain/failure.ts";
import { findProgram } from "../toolchain/find-program.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { setUp } from "../toolchain/set-up.ts";
import { readStarted } from "../toolchain/started.ts";

/** The image that tests run nginx in: the default of Pulumi.yaml. */
const IMAGE = "nginx:stable";

/** Programs that the tests use as a user would, and Debian's packages with them. */
const CLIENTS: Record<string, string> = {
  curl: "curl",
  openssl: "openssl",
  certtool: "gnutls-bin",
  certutil: "libnss3-tools",
  pk12util: "libnss3-tools",
  javac: "default-jdk-headless",
  http: "httpie",
  pip3: "python3-pip",
};

/** `test`: every check there is, or with patterns only the test files that match. Leaves nothing running. */
export async function test(patterns: string[]): Promise<void> {
  const hadDaemon = readStarted(cacheFolder()).dockerd !== undefined;
  const { env } = await setUp({ docker: true, image: IMAGE });
  await installMissing(CLIENTS);
  const report = join(await mkdtemp(join(tmpdir(), "mtls-lab-test-")), "jest.json");
  try {
    const jest = ["jest", "--json", "--outputFile", report, ...patterns];
    const checks =
      patterns.length > 0
        ? [jest]
        : [["prettier", "--check", "--log-level", "warn", "."], ["eslint", "."], ["tsc", "--project", "."], jest];
    const failed = [];
    for (const [name, ...args] of checks) {
      console.error(`> ${name}`);
      if ((await run(name!, args, { ...env, NODE_OPTIONS: "--experimental-vm-modules --no-warnings" })) !== 0)
        failed.push(name);
    }
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, "utf8")) as Record<string, number>;
    console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
    if (failed.length > 0) throw new Failure(`failed: ${failed.join(", ")}`);
  } finally {
    await rm(join(report, ".."), { recursive: true, force: true });
    if (!hadDaemon) await stopStarted();
  }
}

/** Installs the programs that are not on PATH. */
async function installMissing(packages: Record<string, string>): Promise<void> {
  const missing = Object.keys(packages).filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  if (!hasApt()) throw new Failure(`the tests need ${missing.join(" and ")}: install them`);
  const names = missing.map((program) => packages[program]!);
  await installPackages(names, join(cacheFolder(), "apt.log"), (line) => console.error(line));
}

/** Runs a program of node_modules/.bin. */
function run(name: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const program = join(packageRoot, "node_modules", ".bin", name);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: packageRoot, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
}
