import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "@jest/globals";

import { credentialFiles } from "../../provider/credential-files.ts";
import type { FileInput } from "../../provider/files.ts";
import type { Resource } from "../../provider/resource-type.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { modesIn } from "./modes.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

const FILES: Record<string, FileInput> = {
  "client.crt": { content: "<certificate>", mode: "0644" },
  "client.key": { content: "<key>", mode: "0600" },
  "client.p12": { content: "AAEC", encoding: "base64", mode: "0600" },
};
const MODES = { ".": "d0700", "client.crt": "-0644", "client.key": "-0600", "client.p12": "-0600" };
const NOTHING = { update: [], replace: [] };

let directory: string;
let resource: Resource;

/** A path in the directory. */
const at = (path: string) => join(directory, path);

beforeEach(async () => {
  directory = join(temporaryFolder(), "clients/alice");
  resource = await created(credentialFiles, { directory, files: FILES });
});

describe("CredentialFiles", () => {
  it("writes each file with its content and mode, in a directory that is its owner's", () => {
    expect(modesIn(directory)).toEqual(MODES);
    expect(readFileSync(at("client.key"), "utf8")).toBe("<key>");
    expect([...readFileSync(at("client.p12"))]).toEqual([0, 1, 2]);
  });

  it("leaves the mode of a directory that was there to its owner", async () => {
    chmodSync(directory, 0o755);
    await created(credentialFiles, { directory, files: FILES });

    expect(modesIn(directory)).toEqual({ ...MODES, ".": "d0755" });
  });

  it("shows nothing of what is secret in its outputs", () => {
    expect(JSON.stringify(resource.outputs)).not.toContain("<key>");
    expect(Object.keys(resource.outputs.published as object)).toEqual(Object.keys(FILES));
  });

  it("has nothing to do while nothing changes", async () => {
    expect(await changed(credentialFiles, resource, {})).toEqual(NOTHING);
    expect(
      await changed(credentialFiles, resource, { files: Object.fromEntries(Object.entries(FILES).reverse()) }),
    ).toEqual(NOTHING);
    expect(await credentialFiles.read!(resource)).toEqual(resource);
  });

  it.each<[string, () => void]>([
    ["missing", () => rmSync(at("client.key"))],
    ["edited", () => writeFileSync(at("client.key"), "<other>")],
    ["emptied", () => writeFileSync(at("client.crt"), "")],
    ["open to others", () => chmodSync(at("client.key"), 0o644)],
    ["closed to others", () => chmodSync(at("client.crt"), 0o600)],
    [
      "replaced by a link to the same content",
      () => {
        writeFileSync(at("elsewhere"), "<key>", { mode: 0o600 });
        rmSync(at("client.key"));
        symlinkSync("elsewhere", at("client.key"));
      },
    ],
    ["gone with the whole directory", () => rmSync(directory, { recursive: true })],
  ])("sees that a file is %s, and mends it", async (_, spoil) => {
    spoil();
    rmSync(at("elsewhere"), { force: true });

    expect((await credentialFiles.read!(resource))!.outputs).not.toEqual(resource.outputs);
    expect(await changed(credentialFiles, resource, {})).toEqual({ update: ["files"], replace: [] });
    const mended = await updated(credentialFiles, resource);
    expect(mended).toEqual(resource);
    expect(modesIn(directory)).toEqual(MODES);
    expect(readFileSync(at("client.key"), "utf8")).toBe("<key>");
    expect(await changed(credentialFiles, mended, {})).toEqual(NOTHING);
  });

  it.each<[string, Record<string, FileInput>]>([
    ["a content", { ...FILES, "client.key": { content: "<new>", mode: "0600" } }],
    ["a content that only the update knows", { ...FILES, "client.key": { content: UNKNOWN, mode: "0600" } }],
    ["a mode", { ...FILES, "client.key": { content: "<key>", mode: "0400" } }],
    ["one file more", { ...FILES, password: { content: "x", mode: "0600" } }],
    ["one file less", { "client.crt": FILES["client.crt"]! }],
  ])("updates in place when %s changes", async (_, files) => {
    expect(await changed(credentialFiles, resource, { files })).toEqual({ update: ["files"], replace: [] });
  });

  it("removes a file that is no longer declared, and leaves those of others alone", async () => {
    writeFileSync(at("notes.txt"), "mine", { mode: 0o640 });
    await updated(credentialFiles, resource, { files: { "client.key": { content: "<new>", mode: "0600" } } });

    expect(modesIn(directory)).toEqual({ ".": "d0700", "client.key": "-0600", "notes.txt": "-0640" });
    expect(readFileSync(at("client.key"), "utf8")).toBe("<new>");
  });

  it("moves by being made anew", async () => {
    expect(await changed(credentialFiles, resource, { directory: `${directory}2` })).toEqual({
      update: [],
      replace: ["directory"],
    });
  });

  it("removes its own files and the empty directory, once and again", async () => {
    await credentialFiles.delete!(resource);
    expect(modesIn(join(directory, ".."))).toEqual({ ".": "d0700" });

    await credentialFiles.delete!(resource);
  });

  it("removes what a killed run left of its own files, but nobody else's", async () => {
    writeFileSync(at(".client.key.tmp"), "<half a k", { mode: 0o600 });
    writeFileSync(at("notes.txt"), "mine", { mode: 0o640 });
    mkdirSync(at("more"), { mode: 0o755 });
    await credentialFiles.delete!(resource);

    expect(modesIn(directory)).toEqual({ ".": "d0700", more: "d0755", "notes.txt": "-0640" });
  });

  it("refuses paths and modes that are none, all at once; what is unknown is not wrong", async () => {
    const files = { "../x": { content: "", mode: "0600" }, y: { content: "", mode: "rw" } };

    expect((await credentialFiles.check({ directory, files })).problems.map(({ property }) => property)).toEqual([
      'files["../x"]',
      'files["y"].mode',
    ]);
    expect((await credentialFiles.check({ directory, files: UNKNOWN })).problems).toEqual([]);
    expect(await changed(credentialFiles, resource, { files: UNKNOWN })).toEqual({ update: ["files"], replace: [] });
  });
});
