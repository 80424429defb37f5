import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";

import { requireSpace } from "./disk.ts";
import { packageRoot } from "./package-root.ts";
import { run, type Report } from "./run.ts";

/** The Go modules that name what is built, by version and hash: folders beside this file in the sources. */
const MODULES = ["engine", "language-host"] as const;

/** Free bytes without which no build begins. Go's own caches of modules and objects take most of them. */
export const BUILD_BYTES = 6e9;

/** A program that is built from the Go module proxy by the user's own Go. */
export interface GoProgram {
  readonly module: (typeof MODULES)[number];
  /** Import path, or a folder in the module as `./name`. */
  readonly source: string;
  /** Variables that are set at link time. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where it goes, in the cache. */
  readonly target: string;
}

/** The folder for what is built from the Go modules as they are now: another one for each version of them. */
export function builtFolder(cache: string): string {
  modulesHash ??= hashModules();
  return join(cache, `engine-${modulesHash}`);
}

let modulesHash: string | undefined;

function hashModules(): string {
  const hash = createHash("sha256");
  for (const module of MODULES) {
    const folder = join(packageRoot, "toolchain", module);
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      if (/(\.go|^go\.(mod|sum)|\/go\.(mod|sum)|pulumi-language-nodejs)$/.test(file))
        hash.update(file).update(readFileSync(join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

/** The version of a Go module that the engine is built of, for example `v3.256.0`. */
export function goModuleVersion(path: string): string {
  const mod = readFileSync(join(packageRoot, "toolchain/engine/go.mod"), "utf8");
  const version = mod
    .split("\n")
    .find((line) => line.trim().startsWith(`${path} `))
    ?.trim()
    .split(" ")[1];
  if (version === undefined) throw new Error(`toolchain/engine/go.mod does not require ${path}`);
  return version;
}

/**
 * Builds a program unless it is there. It gets its name when it is complete, so an interrupted build never counts.
 *
 * @param needed free bytes without which it does not begin.
 * @throws {Failure} where there is too little room.
 */
export async function build(program: GoProgram, report: Report, needed = BUILD_BYTES): Promise<void> {
  const { module, source, variables = {}, target } = program;
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const caches = await go(["env", "GOCACHE", "GOMODCACHE"], module, () => {});
  for (const folder of [dirname(target), ...caches.trim().split("\n")]) {
    requireSpace(folder, needed, "building the Pulumi engine");
  }

  const assigned = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", ["-s -w", ...assigned].join(" ")];
  const part = `${target}.part`;
  let compiled = 0;
  let complaint: string | undefined;
  await go(["build", ...flags, "-o", part, source], module, (line) => {
    const isPackage = /^[\w./~-]+$/.test(line);
    if (!isPackage) complaint = line;
    report(isPackage ? `${++compiled} packages compiled, just now ${line}` : line);
  }).catch((error: unknown) => {
    throw complaint === undefined ? error : new Error(`go build: ${complaint}`);
  });
  renameSync(part, target);
}

async function go(args: string[], module: GoProgram["module"], report: Report): Promise<string> {
  try {
    const cwd = join(packageRoot, "toolchain", module);
    // It needs no C compiler; and a workspace file further up must not add modules.
    return await run("go", args, { cwd, env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" }, report });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("Go is not installed, see https://go.dev/doc/install");
  }
}
