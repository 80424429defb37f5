import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { arch, platform } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";

import { engine, engineVersion, isAtLeast } from "../../toolchain/engine.ts";
import { builtFolder } from "../../toolchain/go-program.ts";
import { lookUp, obtain } from "../../toolchain/need.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { script } from "./script.ts";

const VERSION = engineVersion();
const report = () => {};
const PATH = process.env.PATH;

let site: Server | undefined;

afterEach(async () => {
  process.env.PATH = PATH;
  await stopServing();
});

/** A web site on a port of its own, which it returns. */
async function serve(answer: RequestListener): Promise<number> {
  site = createServer(answer);
  await once(site.listen(0, "127.0.0.1"), "listening");
  return (site.address() as AddressInfo).port;
}

async function stopServing(): Promise<void> {
  await site?.[Symbol.asyncDispose]();
  site = undefined;
}

/** A folder with the engine's two programs; `pulumi version` notes each call in the file `calls`. */
function programs(version: string, folder = temporaryFolder()): string {
  script(join(folder, "pulumi"), `echo call >> ${folder}/calls`, `echo ${version}`);
  script(join(folder, "pulumi-language-nodejs"));
  return folder;
}

describe("engine", () => {
  it("takes the one on PATH, and asks it for its version once", async () => {
    const [bin, cache] = [programs(VERSION), temporaryFolder()];
    const need = engine(cache, { PATH: `/nowhere:${bin}` });

    expect(await lookUp(need)).toEqual({ value: bin, source: "on PATH" });
    expect(await lookUp(need)).toEqual({ value: bin, source: "on PATH" });
    expect(readFileSync(join(bin, "calls"), "utf8")).toBe("call\n");
  });

  it("asks again when the program has changed", async () => {
    const [bin, cache] = [programs(VERSION), temporaryFolder()];
    const need = engine(cache, { PATH: bin });
    await lookUp(need);
    utimesSync(join(bin, "pulumi"), 1, 1);
    await lookUp(need);

    expect(readFileSync(join(bin, "calls"), "utf8")).toBe("call\ncall\n");
  });

  it.each([
    ["is too old", "v3.1.0", /tried on PATH \(\S+\/pulumi is v3\.1\.0\), cache/],
    ["says no version", "hello", /tried on PATH \(\S+\/pulumi is hello\), cache/],
  ])("leaves one on PATH alone that %s", async (_, version, reason) => {
    await expect(lookUp(engine(temporaryFolder(), { PATH: programs(version) }))).rejects.toThrow(reason);
  });

  it.each([
    ["built", builtFolder],
    ["downloaded", (cache: string) => join(cache, `pulumi-${VERSION}`)],
  ])("takes one that was %s before", async (_, folder) => {
    const cache = temporaryFolder();
    const bin = join(folder(cache), "bin");
    mkdirSync(bin, { recursive: true });
    programs(VERSION, bin);

    expect(await lookUp(engine(cache, { PATH: "" }))).toEqual({ value: bin, source: "cache" });
  });

  it("does not take one from the cache of which a program is missing", async () => {
    const cache = temporaryFolder();
    script(join(builtFolder(cache), "bin", "pulumi-language-nodejs"));

    await expect(lookUp(engine(cache, { PATH: "" }))).rejects.toThrow("cache (nothing there)");
  });

  it("downloads and unpacks the official one", async () => {
    const [folder, cache] = [temporaryFolder(), temporaryFolder()];
    programs(VERSION, join(folder, "pulumi"));
    const archive = execFileSync("tar", ["-cz", "-C", folder, "pulumi"]);
    const asked: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      asked.push(request.url);
      response.end(archive);
    });
    const bin = join(cache, `pulumi-${VERSION}`, "bin");

    expect(await obtain(engine(cache, { PATH: "" }, `http://127.0.0.1:${port}`), report)).toEqual({
      value: bin,
      source: "official download",
    });
    expect(existsSync(join(bin, "pulumi"))).toBe(true);
    expect(asked).toEqual([`/releases/sdk/pulumi-${VERSION}-${platform()}-${arch()}.tar.gz`]);
  });

  it("keeps nothing of a download that is no archive, and names all that was tried", async () => {
    const cache = temporaryFolder();
    const port = await serve((_, response) => response.end("<html>"));
    process.env.PATH = `${temporaryFolder()}:/usr/bin:/bin`; // tar, but no go

    const wanted = obtain(engine(cache, { PATH: "" }, `http://127.0.0.1:${port}`), report);
    await expect(wanted).rejects.toThrow(
      new RegExp(
        `^cannot get the Pulumi engine ${VERSION}: tried on PATH \\(no pulumi\\), cache \\(nothing there\\), ` +
          "official download \\(\\S+ is not a \\.tar\\.gz .*\\), build with Go \\(Go is not installed, .*\\); install it by hand",
      ),
    );
    expect(existsSync(join(cache, `pulumi-${VERSION}`))).toBe(false);
  });

  it("goes on to the next source where the official site cannot be reached", async () => {
    process.env.PATH = temporaryFolder();
    const port = await serve(() => {});
    await stopServing();

    await expect(obtain(engine(temporaryFolder(), { PATH: "" }, `http://127.0.0.1:${port}`), report)).rejects.toThrow(
      `official download (connect ECONNREFUSED 127.0.0.1:${port}), build with Go`,
    );
  });
});

describe("isAtLeast", () => {
  it.each([
    ["v3.256.0", "v3.256.0", true],
    ["v3.256.1", "v3.256.0", true],
    ["v3.300.0", "v3.256.9", true],
    ["v4.0.0", "v3.256.0", true],
    ["3.256.0", "v3.256.0", true],
    ["v3.256.0-dev.1", "v3.256.0", true],
    ["v3.255.9", "v3.256.0", false],
    ["v3.26.0", "v3.256.0", false],
    ["v2.999.0", "v3.256.0", false],
    ["", "v3.256.0", false],
  ])("%s, wanted %s: %s", (version, required, expected) => {
    expect(isAtLeast(version, required)).toBe(expected);
  });
});
