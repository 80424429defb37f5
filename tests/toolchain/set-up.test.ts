import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PassThrough } from "node:stream";

import { describe, expect, it } from "@jest/globals";

import { Failure } from "../../toolchain/failure.ts";
import { engineVersion } from "../../toolchain/engine.ts";
import { packageRoot, versionOf } from "../../toolchain/package-root.ts";
import { setUp } from "../../toolchain/set-up.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { script } from "./script.ts";

/** A machine that has an engine and its plugins, and no Docker daemon. */
function machine() {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  script(join(bin, "pulumi"), `echo ${engineVersion()}`);
  script(join(bin, "pulumi-language-nodejs"));
  const home = join(folder, "home");
  for (const name of ["tls", "docker"]) {
    mkdirSync(join(home, "plugins", `resource-${name}-v${versionOf(`@pulumi/${name}`)}`), { recursive: true });
  }
  const output = new PassThrough();
  const env = { PATH: `${bin}${delimiter}/usr/bin`, PULUMI_HOME: home, DOCKER_HOST: `unix://${folder}/docker.sock` };
  const written = () => (output.read() as Buffer | null)?.toString() ?? "";
  return { bin, env, cache: join(folder, "cache"), output: output as unknown as NodeJS.WriteStream, written };
}

describe("setUp", () => {
  it("prints nothing where nothing is missing, and hands out the tools' environment", async () => {
    const { bin, env, written, ...options } = machine();
    const tools = await setUp({ docker: false }, { env, ...options });

    expect(written()).toBe("");
    expect(tools.env).toEqual({
      ...env,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_OPTIONS: "--max-semi-space-size=4",
      PATH: [join(packageRoot, "node_modules", ".bin"), bin, env.PATH].join(delimiter),
    });
  });

  it("leaves what the user has set for the engine as it is", async () => {
    const { env, cache, output } = machine();
    const own = { ...env, PULUMI_SKIP_UPDATE_CHECK: "false", PULUMI_BACKEND_URL: "s3://states" };
    const node = { NODE_OPTIONS: "--max-semi-space-size=32" };
    const tools = await setUp({ docker: false }, { env: { ...own, ...node }, cache, output });

    expect(tools.env).toMatchObject({ PULUMI_SKIP_UPDATE_CHECK: "false", PULUMI_BACKEND_URL: "s3://states" });
    expect(tools.env.NODE_OPTIONS).toBe("--max-semi-space-size=4 --max-semi-space-size=32"); // the last one counts
  });

  it("says in one sentence that it has no place to keep things", async () => {
    const { env, output } = machine();
    const cache = "/dev/null/.cache/mtls-lab";

    await expect(setUp({ docker: false }, { env, cache, output })).rejects.toEqual(
      new Failure(
        `the cache ${cache} cannot be written to (ENOTDIR: not a directory, mkdir '${cache}'): ` +
          "set HOME, or MTLS_LAB_CACHE to a folder of yours",
      ),
    );
  });

  it("shows what it does where something is missing, and says in one sentence why it cannot go on", async () => {
    const { env, cache, output, written } = machine();

    await expect(setUp({ docker: true, image: "nginx:stable" }, { env, cache, output })).rejects.toEqual(
      new Failure(
        `no Docker daemon answers at ${env.DOCKER_HOST}, where DOCKER_HOST points: start it, or unset DOCKER_HOST`,
      ),
    );
    expect(written().split("\n")).toEqual([
      "Pulumi engine: already there",
      "Plugin tls: already there",
      "Plugin docker: already there",
      "Docker daemon ...",
      "",
    ]);
  });
});
