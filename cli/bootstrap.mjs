#!/usr/bin/env node
// What every npm script and the bin call. It runs before anything is installed and on any Node from 18 on, so it is
// plain JavaScript without dependencies: it installs the npm packages where they are missing, and hands over to main.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");

try {
  // The npm package has no lock file: whoever installed it has installed its dependencies too.
  if (existsSync(lockFile) && !isInstalled()) await install();
  await handOver();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Whether node_modules holds what package-lock.json names: by our stamp, or by npm's own record of what it did. */
function isInstalled() {
  if (read(join(installed, ".stamp")) === fingerprint()) return true;
  const packagesIn = (path) => Object.entries(JSON.parse(read(path) ?? "{}").packages ?? {});
  const there = new Map(packagesIn(join(installed, ".package-lock.json")));
  const wanted = packagesIn(lockFile).filter(([path, { optional }]) => path !== "" && !optional);
  if (!wanted.every(([path, { version }]) => there.get(path)?.version === version)) return false;
  writeFileSync(join(installed, ".stamp"), fingerprint());
  return true;
}

/**
 * Installs into a folder of its own and moves the result into place: it gets there whole or, when this is interrupted,
 * not at all; and two at once do not write over each other.
 */
async function install() {
  const lab = join(root, ".lab");
  mkdirSync(lab, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(lab)) {
    const pid = /^install-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !runs(Number(pid))) rmSync(join(lab, name), { recursive: true, force: true });
  }
  const folder = join(lab, `install-${process.pid}`);
  mkdirSync(folder);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = (_, number) => process.exit(128 + number);
  process.once("exit", remove).once("SIGINT", stop).once("SIGTERM", stop);
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(folder, file));
  }
  await npmCi(folder);
  writeFileSync(join(folder, "node_modules", ".stamp"), fingerprint());
  // Another one may have been quicker, and may run by now from what it installed.
  if (!isInstalled()) {
    if (existsSync(installed)) renameSync(installed, join(folder, "old"));
    renameSync(join(folder, "node_modules"), installed);
  }
  remove();
  process.off("exit", remove).off("SIGINT", stop).off("SIGTERM", stop);
}

/** Runs `npm ci`. On a terminal the seconds are counted; in a log there is a line at its begin and one at its end. */
async function npmCi(folder) {
  const { stderr } = process;
  const title = "npm packages";
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  stderr.write(stderr.isTTY ? `${title} ...` : `${title} ...\n`);
  const clock = stderr.isTTY ? setInterval(() => stderr.write(`\r${title} ... ${seconds()}`), 1000) : undefined;
  // What the lab itself runs on is a development dependency: NODE_ENV=production would leave it out.
  const npm = spawn("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => npm.kill();
  process.once("exit", end);
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (text) => (output += text));
  const status = await new Promise((resolve, reject) => {
    npm.on("error", () =>
      reject(new Error("npm is not on PATH: install it with Node.js, see https://nodejs.org/en/download")),
    );
    npm.on("close", resolve);
  }).finally(() => clearInterval(clock));
  process.off("exit", end);
  if (stderr.isTTY) stderr.write("\r");
  if (status !== 0) throw new Error(`${output}${title}: \`npm ci\` failed after ${seconds()}, see above`);
  stderr.write(`${title}: installed (${seconds()})\n`);
}

/** Runs main: in this process if its Node runs TypeScript, else in the Node that is among the npm packages. */
async function handOver() {
  const main = join(root, "cli", "main.ts");
  if (!existsSync(main)) {
    throw new Error("this package holds the components only: run the lab in a clone of its repository, npm run up");
  }
  const cache = process.env.MTLS_LAB_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mtls-lab");
  // The engine, which runs in another folder, would look for it there.
  if (!isAbsolute(cache)) {
    throw new Error(
      `the cache must have an absolute path, got '${cache}': set HOME or MTLS_LAB_CACHE to a folder of yours`,
    );
  }
  process.env.NODE_COMPILE_CACHE ??= join(cache, "compiled");

  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major >= 24 || (major === 22 && minor >= 18)) {
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
    await import(pathToFileURL(main).href);
    return;
  }
  const node = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends its interrupt to every process by itself, and a second one would mean "at once" to the engine.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on("error", ({ message }) => {
    console.error(
      `the Node.js among the npm packages does not start (${message}), as where npm runs no scripts: ` +
        "npm rebuild node --ignore-scripts=false, or install Node.js 22.18 or newer",
    );
    process.exit(1);
  });
  child.on("exit", (status, signal) => {
    if (signal === null) return process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function runs(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function fingerprint() {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
