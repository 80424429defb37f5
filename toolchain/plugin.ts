import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";

import { reach } from "./download.ts";
import type { EngineFolder } from "./engine.ts";
import { build, builtFolder } from "./go-program.ts";
import type { Need } from "./need.ts";
import { versionOf } from "./package-root.ts";
import { pulumiHome } from "./pulumi-home.ts";
import { run, type Report } from "./run.ts";

const SITE = "https://get.pulumi.com";
const GO_ARCH = arch() === "x64" ? "amd64" : arch();

/** The providers that are not ours, by the name of their npm package. */
export type PluginName = "tls" | "docker";

/** A provider's plugin where the engine looks for it, in the version of its npm package. */
export function plugin(name: PluginName, engine: EngineFolder, cache: string, env = process.env): Need<string> {
  const version = versionOf(`@pulumi/${name}`);
  const home = pulumiHome(cache, env);
  const installed = join(home, "plugins", `resource-${name}-v${version}`);
  // Only in what was built here: the same version may be built anew, of other modules.
  const origin = join(installed, "built-from");
  const folder = builtFolder(cache);
  const built = join(folder, "plugins", version, `pulumi-resource-${name}`);

  const install = async (further: string[], report: Report) => {
    const args = ["plugin", "install", "resource", name, version, ...further];
    await run(join(engine, "pulumi"), args, {
      env: { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
      report,
    });
    return installed;
  };
  const installBuilt = async (report: Report) => {
    await install(["--reinstall", "--file", built], report);
    writeFileSync(origin, folder);
    return installed;
  };
  return {
    name: `the ${name} plugin ${version}`,
    advice: `install it by hand: \`pulumi plugin install resource ${name} ${version}\``,
    sources: [
      {
        name: "installed",
        free: true,
        obtain() {
          // The engine keeps this beside a plugin until it is all there.
          if (!existsSync(installed) || existsSync(`${installed}.partial`)) throw new Error("not in the plugin folder");
          if (existsSync(origin) && readFileSync(origin, "utf8") !== folder) throw new Error("built of other modules");
          return installed;
        },
      },
      {
        name: "cache",
        async obtain(report) {
          if (!existsSync(built)) throw new Error("nothing there");
          return installBuilt(report);
        },
      },
      {
        name: "official download",
        async obtain(report) {
          await reach(`${SITE}/releases/plugins/pulumi-resource-${name}-v${version}-${platform()}-${GO_ARCH}.tar.gz`);
          return install([], report);
        },
      },
      {
        name: "build with Go",
        async obtain(report) {
          const variables = { "main.version": version };
          await build({ module: "engine", source: `./${name}`, variables, target: built }, report);
          return installBuilt(report);
        },
      },
    ],
  };
}
