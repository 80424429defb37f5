/** Builds the verifiers, linters and parsers that are no packages of Debian, once for each version of what they are made of. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder, setUpLock } from "../../toolchain/cache.ts";
import { causeOf, Failure } from "../../toolchain/failure.ts";
import { withLock } from "../../toolchain/lock.ts";
import { run } from "../../toolchain/run.ts";

interface Build {
  /** Prints the version of what it is built with. */
  tool: readonly [program: string, ...args: string[]];
  /** What to do where the tool is missing or too old. */
  advice: string;
  build: (source: string, target: string) => Promise<unknown>;
}

const GO = { tool: ["go", "version"], advice: "it needs Go 1.25 or newer, see https://go.dev/doc/install" } as const;

/** Each is built from the folder of its name beside this file into a folder of the cache. */
const BUILDS = {
  go: { ...GO, build: (source, target) => goBuild(source, join(target, "verify")) },
  zlint: { ...GO, build: (source, target) => goBuild(source, join(target, "lint")) },
  crossplane: { ...GO, build: (source, target) => goBuild(source, join(target, "parse")) },
  java: {
    tool: ["javac", "-version"],
    advice: "it needs a JDK of 17 or newer",
    build: (source, target) => run("javac", [...JAVA_EXPORTS, "-d", target, join(source, "Verify.java")]),
  },
  pkilint: {
    tool: ["python3", "--version"],
    advice: "it needs Python 3.11 or newer with pip",
    build: (source, target) => {
      const requirements = ["--requirement", join(source, "requirements.txt")];
      return run("python3", [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--target",
        target,
        ...requirements,
      ]);
    },
  },
} satisfies Record<string, Build>;

/** A verifier, linter or parser that is built. */
export type Built = keyof typeof BUILDS;

/** Java's own comparison of host names is not in its public interface. */
export const JAVA_EXPORTS = ["--add-exports", "java.base/sun.security.util=ALL-UNNAMED"];

/** The folder beside this file that a verifier is built from. */
export function sourceOf(name: Built): string {
  return join(import.meta.dirname, name);
}

/**
 * The folder in the cache with what is built; builds it where it is missing.
 *
 * @throws {Failure} where it cannot be built.
 */
export async function built(name: Built): Promise<string> {
  const { tool, advice, build }: Build = BUILDS[name];
  const [program, ...args] = tool;
  const source = sourceOf(name);
  const cache = cacheFolder();
  try {
    const target = join(cache, "verifiers", `${name}-${hashOf(source, await run(program, args))}`);
    const work = async () => {
      if (existsSync(target)) return;
      const part = `${target}.part`;
      rmSync(part, { recursive: true, force: true });
      mkdirSync(part, { recursive: true, mode: 0o700 });
      await build(source, part);
      renameSync(part, target); // it gets its name when it is complete
    };
    if (!existsSync(target)) await withLock(setUpLock(cache), () => {}, work);
    return target;
  } catch (error) {
    throw new Failure(`cannot build ${name}: ${causeOf(error)}; ${advice}`);
  }
}

function goBuild(source: string, target: string): Promise<string> {
  // It needs no C compiler; and a workspace file further up must not add modules.
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  return run("go", ["build", "-trimpath", "-buildvcs=false", "-o", target, "."], { cwd: source, env });
}

/** Changes with what is built, and with what it is built with. */
function hashOf(folder: string, version: string): string {
  const hash = createHash("sha256").update(version);
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}
