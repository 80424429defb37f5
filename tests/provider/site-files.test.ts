import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "@jest/globals";

import type { FileInput } from "../../provider/files.ts";
import type { Resource } from "../../provider/resource-type.ts";
import { siteFiles } from "../../provider/site-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { modesIn } from "./modes.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

const FILES: Record<string, FileInput> = {
  "nginx.conf": { content: "<configuration>", mode: "0644" },
  "server.key": { content: "<key>", mode: "0600" },
  "pages/errors/495.html": { content: "<page>", mode: "0644" },
};
const NOTHING = { update: [], replace: [] };

let directory: string;
let resource: Resource;

/** A path in the directory. */
const at = (path: string) => join(directory, path);

/** What the directory must look like with this version in force. */
function modesOf(version: string): Record<string, string> {
  return {
    ".": "d0700",
    current: "l",
    "nginx.conf": "l",
    [version]: "d0700",
    [`${version}/nginx.conf`]: "-0644",
    [`${version}/pages`]: "d0700",
    [`${version}/pages/errors`]: "d0700",
    [`${version}/pages/errors/495.html`]: "-0644",
    [`${version}/server.key`]: "-0600",
  };
}

beforeEach(async () => {
  directory = join(temporaryFolder(), "site");
  resource = await created(siteFiles, { directory, files: FILES });
});

describe("SiteFiles", () => {
  it("publishes its files as a first version, with a link to it", () => {
    expect(modesIn(directory)).toEqual(modesOf("v1"));
    expect(fs.readlinkSync(at("current"))).toBe("v1");
    expect(fs.readFileSync(at("nginx.conf"), "utf8")).toBe("<configuration>");
    expect(resource.outputs).toMatchObject({ version: "v1", directoryIdentity: expect.stringMatching(/^\d+-\d+$/) });
    expect(JSON.stringify(resource.outputs)).not.toContain("<key>");
  });

  it("has nothing to do while nothing changes", async () => {
    expect(await changed(siteFiles, resource, {})).toEqual(NOTHING);
    expect(await siteFiles.read!(resource)).toEqual(resource);
  });

  it.each<[string, Record<string, unknown>]>([
    ["another image", { image: "b" }],
    ["an image that only the update will know", { image: UNKNOWN }],
    ["another place in the container", { mountPath: "/y" }],
    ["another user", { user: "2:2" }],
    ["another network", { networks: ["net"] }],
    ["a name for the machine", { hostNames: ["host.docker.internal"] }],
    ["a name to look up", { lookedUpNames: ["app:3000"] }],
  ])("is to be tested again with %s, and not without a test", async (_, changes) => {
    const test = { image: "a", mountPath: "/x", user: "1:1" };
    const tested = { ...resource, inputs: { ...resource.inputs, test } };

    expect(await changed(siteFiles, tested, {})).toEqual(NOTHING);
    expect(await changed(siteFiles, tested, { test: { ...test, ...changes } })).toEqual({
      update: ["test"],
      replace: [],
    });
    expect(await changed(siteFiles, tested, { test: undefined })).toEqual(NOTHING);
  });

  it("publishes a change as the next version, takes the one before away, and keeps the directory", async () => {
    const files = { ...FILES, "nginx.conf": { content: "<new>", mode: "0644" } };
    expect(await changed(siteFiles, resource, { files })).toEqual({ update: ["files"], replace: [] });
    const { directoryIdentity } = resource.outputs;
    const { revisions } = resource.outputs as { revisions: Record<string, string> };
    expect(await siteFiles.previewUpdate!(resource, { ...resource.inputs, files })).toEqual({
      directoryIdentity,
      revisions: { ...revisions, "nginx.conf": UNKNOWN },
    });
    const after = await updated(siteFiles, resource, { files });

    expect(modesIn(directory)).toEqual(modesOf("v2"));
    expect(fs.readFileSync(at("nginx.conf"), "utf8")).toBe("<new>");
    const changedOne = expect.stringMatching(/^v2-[0-9a-f]{6}$/);
    expect(after.outputs).toMatchObject({ version: "v2", directoryIdentity });
    expect(after.outputs.revisions).toEqual({ ...revisions, "nginx.conf": changedOne });
    expect(await changed(siteFiles, after, {})).toEqual(NOTHING);
  });

  it.each<[string, () => void]>([
    ["a file is missing", () => fs.rmSync(at("v1/server.key"))],
    ["a file was edited", () => fs.writeFileSync(at("current/nginx.conf"), "<other>")],
    ["a key is open to others", () => fs.chmodSync(at("v1/server.key"), 0o640)],
    ["a file is in a version that does not belong there", () => fs.writeFileSync(at("v1/pages/evil.html"), "")],
    ["the link is gone", () => fs.rmSync(at("current"))],
    [
      "the link leads elsewhere",
      () => {
        fs.rmSync(at("current"));
        fs.symlinkSync("/etc", at("current"));
      },
    ],
    [
      "an empty folder is in the place of the link",
      () => {
        fs.rmSync(at("current"));
        fs.mkdirSync(at("current"));
      },
    ],
    ["the version is gone", () => fs.rmSync(at("v1"), { recursive: true })],
  ])("sees that %s, and mends it", async (_, spoil) => {
    spoil();

    expect((await siteFiles.read!(resource))!.outputs).not.toEqual(resource.outputs);
    expect(await changed(siteFiles, resource, {})).toEqual({ update: ["files"], replace: [] });
    const mended = await updated(siteFiles, resource);
    expect(await changed(siteFiles, mended, {})).toEqual(NOTHING);
    expect(modesIn(directory)).toEqual(modesOf(mended.outputs.version as string));
    expect(mended.outputs.directoryIdentity).toBe(resource.outputs.directoryIdentity);
  });

  it.each<[string, () => void]>([
    ["is gone", () => fs.rmSync(directory, { recursive: true })],
    [
      "was made anew from a copy",
      () => {
        fs.cpSync(directory, `${directory}.copy`, { recursive: true, verbatimSymlinks: true });
        fs.rmSync(directory, { recursive: true });
        fs.renameSync(`${directory}.copy`, directory);
      },
    ],
  ])("tells, when the directory %s, that a container with the old one mounted must go", async (_, spoil) => {
    spoil();
    expect((await siteFiles.read!(resource))!.outputs).not.toEqual(resource.outputs);
    expect(await changed(siteFiles, resource, {})).toEqual({ update: ["files"], replace: [] });
    const { revisions } = resource.outputs;
    expect(await siteFiles.previewUpdate!(resource, resource.inputs)).toEqual({ revisions });

    const mended = await updated(siteFiles, resource);
    expect(modesIn(directory)).toEqual(modesOf(mended.outputs.version as string));
    expect(await changed(siteFiles, mended, {})).toEqual(NOTHING);
    expect(mended.outputs.directoryIdentity).not.toBe(resource.outputs.directoryIdentity);
  });

  it("never gives a content the revision of another, also where one is taken back", async () => {
    const other = await updated(siteFiles, resource, {
      files: { ...FILES, "nginx.conf": { content: "<new>", mode: "0644" } },
    });
    const back = await updated(siteFiles, other, { files: FILES });
    const [first, second, third] = [resource, other, back].map(
      ({ outputs }) => outputs.revisions as Record<string, string>,
    );

    expect(new Set([first, second, third].map((revisions) => revisions!["nginx.conf"])).size).toBe(3);
    expect({ ...third, "nginx.conf": "" }).toEqual({ ...first, "nginx.conf": "" });
  });

  it("publishes once more what was published by a plugin that gave no revisions", async () => {
    const { revisions, ...outputs } = resource.outputs;

    expect(revisions).toBeDefined();
    expect(await changed(siteFiles, { ...resource, outputs }, {})).toEqual({ update: ["revisions"], replace: [] });
  });

  it("publishes once more what a run published that was killed before it was on record", async () => {
    const files = { ...FILES, "nginx.conf": { content: "<new>", mode: "0644" } };
    const { inputs } = await updated(siteFiles, resource, { files });
    expect(await siteFiles.diff(resource, inputs)).toEqual({ update: ["version"], replace: [] });

    const after = await updated(siteFiles, resource, { files });
    expect(after.outputs.version).toBe("v3");
    expect(await changed(siteFiles, after, {})).toEqual(NOTHING);
  });

  it("clears away what a killed run left", async () => {
    fs.mkdirSync(at("v2/pages"), { recursive: true });
    fs.writeFileSync(at("v2/.server.key.tmp"), "<half a k");
    fs.symlinkSync("v2", at(".current.tmp"));
    const after = await updated(siteFiles, resource, {
      files: { ...FILES, "server.key": { content: "x", mode: "0600" } },
    });

    expect(after.outputs.version).toBe("v3");
    expect(modesIn(directory)).toEqual(modesOf("v3"));
  });

  it("names a folder of somebody's in the place of its link, and leaves no other link", async () => {
    fs.rmSync(at("current"));
    fs.mkdirSync(at("current/notes"), { recursive: true });

    await expect(updated(siteFiles, resource)).rejects.toThrow(`${at("current")} is a folder: remove it`);
    expect(fs.existsSync(at("current/notes"))).toBe(true);
    expect(fs.readdirSync(directory)).not.toContain(".current.tmp");
  });

  it("shows every reader a whole version, the old one or the new one", async () => {
    const versionOf = (turn: number) => ({
      a: { content: `${turn}`, mode: "0600" },
      "b/c": { content: `${turn}`, mode: "0600" },
    });
    let now = await updated(siteFiles, resource, { files: versionOf(0) });
    let publishing = true;
    const seen: string[] = [];
    const reading = (async () => {
      while (publishing) {
        const root = at(fs.readlinkSync(at("current"))); // a server holds on to the folder it has opened
        const [a, c] = await Promise.all(
          ["a", "b/c"].map((path) => readFile(join(root, path), "utf8").catch(() => "gone")),
        );
        seen.push(`${a} ${c}`);
      }
    })();
    for (let turn = 1; turn <= 50; turn++) now = await updated(siteFiles, now, { files: versionOf(turn) });
    publishing = false;
    await reading;

    const found = seen.filter((pair) => !pair.includes("gone"));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((pair) => !/^(\d+) \1$/.test(pair))).toEqual([]);
  });

  it("moves by being made anew, and gives the files to another owner by an update", async () => {
    expect(await changed(siteFiles, resource, { directory: `${directory}2` })).toEqual({
      update: [],
      replace: ["directory"],
    });
    expect(await changed(siteFiles, resource, { owner: { uid: 1, gid: 1 } })).toEqual({
      update: ["owner"],
      replace: [],
    });
  });

  it("removes its versions and links, and leaves what is not its own", async () => {
    fs.writeFileSync(at("notes.txt"), "mine", { mode: 0o640 });
    fs.symlinkSync("v2", at(".current.tmp"));
    await siteFiles.delete!(resource);
    expect(modesIn(directory)).toEqual({ ".": "d0700", "notes.txt": "-0640" });

    fs.rmSync(at("notes.txt"));
    await siteFiles.delete!(resource);
    await siteFiles.delete!(resource);
    expect(modesIn(join(directory, ".."))).toEqual({ ".": "d0700" });
  });

  it("refuses paths that leave it; what is unknown is not wrong", async () => {
    const files = { "../../etc/cron.d/x": FILES["nginx.conf"]! };

    expect((await siteFiles.check({ directory, files })).problems.map(({ property }) => property)).toEqual([
      'files["../../etc/cron.d/x"]',
    ]);
    expect((await siteFiles.check({ directory, files: UNKNOWN })).problems).toEqual([]);
  });
});
