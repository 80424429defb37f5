import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";

import { downloadTar } from "./download.ts";
import { findProgram } from "./find-program.ts";
import { build, builtFolder, goModuleVersion } from "./go-program.ts";
import type { Need } from "./need.ts";
import { packageRoot } from "./package-root.ts";
import { run } from "./run.ts";

const CLI = "github.com/pulumi/pulumi/pkg/v3";
const SDK = "github.com/pulumi/pulumi/sdk/v3";
const LANGUAGE_HOST = "pulumi-language-nodejs";
const OFFICIAL_SITE = "https://get.pulumi.com";

/** The folder that holds the programs `pulumi` and `pulumi-language-nodejs`. */
export type EngineFolder = string;

/** The engine's version that this lab is tested with, and the oldest that it takes. For example `v3.256.0`. */
export function engineVersion(): string {
  return goModuleVersion(CLI);
}

/** The Pulumi engine with its host for Node.js programs. */
export function engine(cache: string, env = process.env, site = OFFICIAL_SITE): Need<EngineFolder> {
  const version = engineVersion();
  const official = join(cache, `pulumi-${version}`);
  return {
    name: `the Pulumi engine ${version}`,
    advice: "install it by hand, see https://www.pulumi.com/docs/install/",
    sources: [
      { name: "on PATH", free: true, obtain: () => onPath(version, cache, env) },
      {
        name: "cache",
        free: true,
        obtain: () => {
          const folder = [official, builtFolder(cache)].map((each) => join(each, "bin")).find(isComplete);
          if (folder === undefined) throw new Error("nothing there");
          return folder;
        },
      },
      {
        name: "official download",
        async obtain(report) {
          report(`pulumi ${version} from ${site}`);
          const machine = `${platform()}-${arch()}`;
          const part = `${official}.part`;
          rmSync(part, { recursive: true, force: true });
          await downloadTar(`${site}/releases/sdk/pulumi-${version}-${machine}.tar.gz`, join(part, "bin"));
          if (!isComplete(join(part, "bin"))) throw new Error("the archive holds no engine");
          renameSync(part, official);
          return join(official, "bin");
        },
      },
      {
        name: "build with Go",
        async obtain(report) {
          const folder = join(builtFolder(cache), "bin");
          const host = { module: "language-host", source: `${SDK}/nodejs/cmd/pulumi-language-nodejs` } as const;
          await build({ ...host, target: join(folder, `${LANGUAGE_HOST}-host`) }, report);
          copyFileSync(join(packageRoot, "toolchain", "language-host", LANGUAGE_HOST), join(folder, LANGUAGE_HOST));
          const variables = { [`${SDK}/go/common/version.Version`]: version };
          const cli = { module: "engine", source: `${CLI}/cmd/pulumi`, variables } as const;
          await build({ ...cli, target: join(folder, "pulumi") }, report);
          return folder;
        },
      },
    ],
  };
}

async function onPath(required: string, cache: string, env: NodeJS.ProcessEnv): Promise<EngineFolder> {
  const pulumi = findProgram("pulumi", env);
  if (pulumi === undefined) throw new Error("no pulumi");
  if (findProgram(LANGUAGE_HOST, env) === undefined) throw new Error(`no ${LANGUAGE_HOST} beside ${pulumi}`);
  const version = await versionOfProgram(pulumi, cache);
  if (!isAtLeast(version, required)) throw new Error(`${pulumi} is ${version}`);
  return dirname(pulumi);
}

function isComplete(folder: string): boolean {
  return existsSync(join(folder, "pulumi")) && existsSync(join(folder, LANGUAGE_HOST));
}

/** Asks a program for its version, once for each state of its file: the start takes longer than all other checks. */
async function versionOfProgram(path: string, cache: string): Promise<string> {
  const { mtimeMs, size } = statSync(path);
  const state = `${path} ${mtimeMs} ${size}`;
  const memory = join(cache, "pulumi-on-path");
  const [known, version] = existsSync(memory) ? readFileSync(memory, "utf8").split("\n") : [];
  if (known === state && version !== undefined) return version;
  const answer = (await run(path, ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } })).trim();
  if (existsSync(cache)) writeFileSync(memory, `${state}\n${answer}`);
  return answer;
}

/** Compares versions of the form `v1.2.3`; what follows the numbers does not count. */
export function isAtLeast(version: string, required: string): boolean {
  const numbers = (text: string) => (/^v?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  const [got, wanted] = [numbers(version), numbers(required)];
  const differing = wanted.findIndex((number, index) => got[index] !== number);
  return got.length === 3 && (differing === -1 || got[differing]! > wanted[differing]!);
}
