/** A real volume of the Docker daemon, and what is in it. */
import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Docker from "dockerode";

import type { Resource } from "../../provider/resource-type.ts";
import { siteFiles } from "../../provider/site-files.ts";
import { siteUpload } from "../../provider/site-upload.ts";
import { docker as run } from "../live-lab.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { changed, created, updated } from "./resources.ts";

const docker = new Docker();
/** Only root can give files to another. */
const OWNER = process.getuid?.() === 0 ? { uid: 101, gid: 101 } : { uid: process.getuid!(), gid: process.getgid!() };
const USER = `${OWNER.uid}:${OWNER.gid}`;
const NOTHING = { update: [], replace: [] };

let count = 0;
let volume: string;
let directory: string;
let site: Resource;
let resource: Resource;

beforeEach(async () => {
  volume = `mtls-lab-test-${process.pid}-${(count += 1)}`;
  await docker.createVolume({ Name: volume });
  directory = join(temporaryFolder(), "site");
  site = await created(siteFiles, { directory, files: filesWith("<first>"), owner: OWNER });
  const place = { volume, image: "nginx:stable", mountPath: "/etc/nginx/site", user: USER };
  resource = await created(siteUpload, { directory, version: "v1", ...place });
});
afterEach(async () => {
  await docker.getVolume(volume).remove();
});

function filesWith(configuration: string) {
  return {
    "nginx.conf": { content: configuration, mode: "0644" },
    "server.key": { content: "<key>", mode: "0600" },
    "pages/errors/495.html": { content: "<page>", mode: "0644" },
  };
}

/** Runs a shell command in the volume, as its files' owner. */
const inVolume = (command: string) =>
  run("run", "--rm", "--user", USER, "--volume", `${volume}:/v`, "--entrypoint", "sh", "nginx:stable", "-c", command);
const listed = () => inVolume("cd /v && stat -c '%n %A %u' . * v*/* v*/*/* v*/*/*/*").split("\n");
/** The container that works for the volume. */
const helper = () => `mtls-lab-upload-${createHash("sha256").update(volume).digest("hex").slice(0, 16)}`;
const containers = async () =>
  (await docker.listContainers({ all: true })).filter(({ Names }) => Names.includes(`/${helper()}`));

describe("SiteUpload", () => {
  it("copies a version with its modes and its owner, and a link to it", async () => {
    const { uid } = OWNER;

    expect(resource.outputs).toEqual({ uploaded: "v1" });
    expect(listed()).toEqual([
      `. drwx------ ${uid}`,
      `current lrwxrwxrwx ${uid}`,
      `v1 drwx------ ${uid}`,
      `v1/nginx.conf -rw-r--r-- ${uid}`,
      `v1/pages drwx------ ${uid}`,
      `v1/server.key -rw------- ${uid}`,
      `v1/pages/errors drwx------ ${uid}`,
      `v1/pages/errors/495.html -rw-r--r-- ${uid}`,
    ]);
    expect(inVolume("readlink /v/current; cat /v/current/nginx.conf")).toBe("v1\n<first>");
    expect(await containers()).toEqual([]);
  });

  it("has nothing to do while nothing changes", async () => {
    expect(await changed(siteUpload, resource, {})).toEqual(NOTHING);
    expect(await siteUpload.read!(resource)).toEqual(resource);
  });

  it("puts the next version beside it and switches to that; the one before is gone", async () => {
    site = await updated(siteFiles, site, { files: filesWith("<second>") });
    expect(await changed(siteUpload, resource, { version: "v2" })).toEqual({ update: ["version"], replace: [] });
    resource = await updated(siteUpload, resource, { version: "v2" });

    expect(resource.outputs).toEqual({ uploaded: "v2" });
    expect(inVolume("ls /v; cat /v/current/nginx.conf")).toBe("current\nv2\n<second>");
    expect(await changed(siteUpload, resource, {})).toEqual(NOTHING);
  });

  it("numbers its versions by itself: a directory that was made anew begins at v1 again", async () => {
    rmSync(directory, { recursive: true });
    site = await created(siteFiles, { directory, files: filesWith("<other>"), owner: OWNER });
    expect(await changed(siteUpload, resource, {})).toEqual({ update: ["version"], replace: [] });
    resource = await updated(siteUpload, resource);

    expect(inVolume("readlink /v/current; cat /v/current/nginx.conf")).toBe("v2\n<other>");
    expect(await changed(siteUpload, resource, {})).toEqual(NOTHING);
  });

  it.each([
    ["a file that was edited", "echo more >> current/nginx.conf"],
    ["a file that was removed", "rm current/nginx.conf"],
    ["a file too many", "echo > current/conf.d"],
    ["another mode", "chmod 0640 current/server.key"],
    ["a link that leads elsewhere", "ln -sfn /tmp current"],
    ["what a killed update has left", "ln -s v9 .current.tmp && mkdir v9 && touch v9/half && rm current"],
    ["nothing at all", "rm -r current v1"],
  ])("sees %s, and mends it", async (_, damage) => {
    inVolume(`cd /v && ${damage}`);
    expect(await changed(siteUpload, resource, {})).toEqual({ update: ["version"], replace: [] });
    resource = await updated(siteUpload, resource);

    expect(inVolume("ls -A /v; cat /v/current/nginx.conf")).toBe(
      `current\n${String(resource.outputs.uploaded)}\n<first>`,
    );
    expect(await changed(siteUpload, resource, {})).toEqual(NOTHING);
  });

  it("sees that the volume is gone, and does not make one by looking", async () => {
    await docker.getVolume(volume).remove();
    expect(await changed(siteUpload, resource, {})).toEqual({ update: ["version"], replace: [] });
    expect((await siteUpload.read!(resource))?.outputs).toEqual({ uploaded: "" });

    await expect(docker.getVolume(volume).inspect()).rejects.toMatchObject({ statusCode: 404 });
    await docker.createVolume({ Name: volume });
  });

  it("removes the container of an upload that was killed", async () => {
    await docker.createContainer({ name: helper(), Image: "nginx:stable" });
    expect(await changed(siteUpload, resource, {})).toEqual(NOTHING);
    expect(await containers()).toEqual([]);

    await docker.createContainer({ name: helper(), Image: "nginx:stable" });
    await siteUpload.delete!(resource);
    expect(await containers()).toEqual([]);
  });

  it("says in one sentence that an image cannot do it, and the volume stays as it was", async () => {
    const image = "mtls-lab-no-such-image:1";
    writeFileSync(join(directory, "v1/nginx.conf"), "<changed>");

    await expect(updated(siteUpload, resource, { image })).rejects.toThrow(image);
    expect(inVolume("readlink /v/current; cat /v/current/nginx.conf")).toBe("v1\n<first>");
  });
});
