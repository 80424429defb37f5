import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";

import { Failure } from "../../toolchain/failure.ts";
import { build, builtFolder, goModuleVersion } from "../../toolchain/go-program.ts";
import { packageRoot } from "../../toolchain/package-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { script } from "./script.ts";

const PATH = process.env.PATH;

afterEach(() => {
  process.env.PATH = PATH;
});

/** A folder with a `go` that answers `go env`, and does this for `go build`, with the target in $out. */
function fakeGo(...lines: string[]): string {
  const folder = temporaryFolder();
  const out = 'while [ "$1" != -o ]; do shift; done; out=$2';
  script(join(folder, "go"), `if [ "$1" = env ]; then echo "${folder}"; exit; fi`, out, ...lines);
  return folder;
}

function program(folder: string) {
  return { module: "engine", source: "./tls", target: join(folder, "bin", "program") } as const;
}

describe("build", () => {
  it("puts a program in place when it is complete, and does not build it again", async () => {
    process.env.PATH = `${fakeGo('echo built >> "$out"')}:${PATH}`;
    const { target, ...rest } = program(temporaryFolder());
    await build({ ...rest, target }, () => {});
    await build({ ...rest, target }, () => {});

    expect(readFileSync(target, "utf8")).toBe("built\n");
    expect(readdirSync(join(target, ".."))).toEqual(["program"]);
  });

  it("counts the packages, and tells Go's complaint where it fails", async () => {
    const go = fakeGo("echo example.com/a >&2", "echo 'b.go:3: undefined: x' >&2", "echo example.com/c >&2", "exit 1");
    process.env.PATH = `${go}:${PATH}`;
    const seen: string[] = [];

    await expect(build(program(temporaryFolder()), (text) => seen.push(text))).rejects.toThrow(
      "go build: b.go:3: undefined: x",
    );
    expect(seen).toEqual([
      "1 packages compiled, just now example.com/a",
      "b.go:3: undefined: x",
      "2 packages compiled, just now example.com/c",
    ]);
  });

  it("leaves nothing that counts where it is killed, and the next one succeeds", async () => {
    const { target, ...rest } = program(temporaryFolder());
    const slow = fakeGo('echo half > "$out"', "exec sleep 60");
    const source = `import { build } from ${JSON.stringify(join(packageRoot, "toolchain/go-program.ts"))};
      await build(${JSON.stringify({ ...rest, target })}, () => {});`;
    const env = { ...process.env, PATH: `${slow}:${PATH}` };
    const killed = spawn(process.execPath, ["--input-type=module", "--eval", source], { env });
    while (!existsSync(`${target}.part`)) await new Promise((resolve) => setTimeout(resolve, 20));
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect(existsSync(target)).toBe(false);

    process.env.PATH = `${fakeGo('echo whole > "$out"')}:${PATH}`;
    await build({ ...rest, target }, () => {});
    expect(readFileSync(target, "utf8")).toBe("whole\n");
  });

  it("does not begin where the disk has too little room", async () => {
    process.env.PATH = `${fakeGo("exit 1")}:${PATH}`;
    const folder = temporaryFolder();

    const refused = build(program(folder), () => {}, 1e18);
    await expect(refused).rejects.toBeInstanceOf(Failure);
    await expect(refused).rejects.toThrow(
      /^building the Pulumi engine needs 1000000000\.0 GB of disk, \S+ has \d+\.\d GB: make room there$/,
    );
  });

  it("says where to get Go where there is none", async () => {
    process.env.PATH = temporaryFolder();

    await expect(build(program(temporaryFolder()), () => {})).rejects.toThrow(
      "Go is not installed, see https://go.dev/doc/install",
    );
  });
});

describe("the Go modules", () => {
  it("name the engine's version", () => {
    expect(goModuleVersion("github.com/pulumi/pulumi/pkg/v3")).toMatch(/^v3\.\d+\.\d+$/);
    expect(() => goModuleVersion("example.com/none")).toThrow(
      "toolchain/engine/go.mod does not require example.com/none",
    );
  });

  it("have a folder of their own in the cache", () => {
    expect(builtFolder("/cache")).toMatch(/^\/cache\/engine-[0-9a-f]{12}$/);
  });
});
