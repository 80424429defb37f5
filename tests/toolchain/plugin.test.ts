import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { builtFolder } from "../../toolchain/go-program.ts";
import { lookUp, obtain } from "../../toolchain/need.ts";
import { versionOf } from "../../toolchain/package-root.ts";
import { plugin } from "../../toolchain/plugin.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { script } from "./script.ts";

const VERSION = versionOf("@pulumi/tls");

/** A machine with an engine that installs what it is given, and notes how it was called. */
function machine() {
  const folder = temporaryFolder();
  const [engine, cache, home] = ["engine", "cache", "home"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const installed = join(home, "plugins", `resource-tls-v${VERSION}`);
  script(join(engine, "pulumi"), `echo "$@" >> ${folder}/calls`, `mkdir -p ${installed}`);
  const env = { PULUMI_HOME: home, PATH: process.env.PATH };
  return { engine, cache, home, installed, calls: join(folder, "calls"), need: plugin("tls", engine, cache, env) };
}

describe("plugin", () => {
  it("finds an installed one, in the version of the npm package, without a call", async () => {
    const { installed, calls, need } = machine();
    mkdirSync(installed, { recursive: true });

    expect(await lookUp(need)).toEqual({ value: installed, source: "installed" });
    expect(existsSync(calls)).toBe(false);
  });

  it("does not count one whose installation has not ended", async () => {
    const { installed, need } = machine();
    mkdirSync(installed, { recursive: true });
    writeFileSync(`${installed}.partial`, "");

    await expect(lookUp(need)).rejects.toThrow("tried installed (not in the plugin folder)");
  });

  it("installs one that was built before, and replaces it once the modules have changed", async () => {
    const { cache, installed, calls, need } = machine();
    const built = join(builtFolder(cache), "plugins", VERSION, "pulumi-resource-tls");
    script(built);

    expect(await obtain(need, () => {})).toEqual({ value: installed, source: "cache" });
    expect(readFileSync(calls, "utf8")).toBe(`plugin install resource tls ${VERSION} --reinstall --file ${built}\n`);
    expect((await lookUp(need)).source).toBe("installed");

    writeFileSync(join(installed, "built-from"), join(cache, "engine-of-other-modules"));
    await expect(lookUp(need)).rejects.toThrow("tried installed (built of other modules)");
  });
});
