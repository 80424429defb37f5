import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import {
  digestsAt,
  digestsOf,
  directoryIdentity,
  fileProblems,
  type FileInput,
  filesBelow,
  removeFile,
  writeFileAtomically,
} from "../../provider/files.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { modesIn } from "./modes.ts";

const UMASK = process.umask();
/** Only root can write into a directory that was made under the last two. */
const UMASKS = ["000", "022", "077", ...(process.getuid?.() === 0 ? ["177", "777"] : [])];

afterEach(() => {
  process.umask(UMASK);
});

describe("fileProblems", () => {
  it.each(["a", "client.key", "pages/errors/495.html", ".hidden", "a..b", "...", "v1+2@x_y-z"])("takes %s", (path) => {
    expect(fileProblems({ [path]: { content: "", mode: "0600" } })).toEqual([]);
  });

  it.each(["", ".", "..", "/a", "a/", "a//b", "./a", "../a", "a/../../b", "a/..", "a\\b", "a b", "a\n", "a\0b", "ä"])(
    "refuses %j",
    (path) => {
      expect(fileProblems({ [path]: { content: "", mode: "0600" } })).toEqual([
        { property: `files["${path}"]`, reason: "must be a relative path of letters, digits and ._@+- without '..'" },
      ]);
    },
  );

  it.each(["", "600", "0800", "00600", "0o600", "4755", "rw-------"])("refuses the mode %j", (mode) => {
    expect(fileProblems({ a: { content: "", mode } })).toEqual([
      { property: `files["a"].mode`, reason: `must be octal like 0600, got '${mode}'` },
    ]);
  });

  it("names every problem at once", () => {
    const files = {
      "../a": { content: "", mode: "x" },
      b: { content: "", mode: "0600" },
      "/c": { content: "", mode: "0" },
    };

    expect(fileProblems(files).map(({ property }) => property)).toEqual([
      'files["../a"]',
      'files["../a"].mode',
      'files["/c"]',
      'files["/c"].mode',
    ]);
  });

  it("takes no path that leaves the directory", () => {
    const part = fc.constantFrom("..", ".", "/", "\\", "a", "%2e", "~", "\0", "…");
    const path = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(path, (path) => {
        if (fileProblems({ [path]: { content: "", mode: "0600" } }).length > 0) return;
        expect(resolve("/lab/dir", path).startsWith(`/lab/dir${sep}`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("writeFileAtomically", () => {
  it.each(UMASKS)("gives the modes it was told, under the umask %s", async (umask) => {
    const folder = temporaryFolder();
    process.umask(Number.parseInt(umask, 8));
    await writeFileAtomically(join(folder, "a/b/key"), { content: "x", mode: "0600" });
    await writeFileAtomically(join(folder, "a/b/page"), { content: "x", mode: "0644" });

    expect(modesIn(folder)).toEqual({
      ".": "d0700",
      a: "d0700",
      "a/b": "d0700",
      "a/b/key": "-0600",
      "a/b/page": "-0644",
    });
  });

  it("shows every reader the old file or the new one, never a part", async () => {
    const path = join(temporaryFolder(), "file");
    const texts = ["a", "b", "c"].map((letter) => letter.repeat(1_000_000));
    await writeFileAtomically(path, { content: texts[0]!, mode: "0600" });
    let writing = true;
    const seen: string[] = [];
    const reading = (async () => {
      while (writing) seen.push(await readFile(path, "utf8"));
    })();
    for (let turn = 0; turn < 30; turn++) {
      await writeFileAtomically(path, { content: texts[turn % 3]!, mode: "0600" });
    }
    writing = false;
    await reading;

    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((text) => !texts.includes(text))).toEqual([]);
  });

  it("overwrites what a killed run left, and leaves nothing itself", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, ".file.tmp"), "half of a secr", { mode: 0o666 });
    await writeFileAtomically(join(folder, "file"), { content: "whole", mode: "0600" });

    expect(modesIn(folder)).toEqual({ ".": "d0700", file: "-0600" });
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("whole");
  });

  it("replaces a link, and not what the link leads to", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "other"), "other");
    symlinkSync("other", join(folder, "file"));
    await writeFileAtomically(join(folder, "file"), { content: "mine", mode: "0600" });

    expect(readFileSync(join(folder, "other"), "utf8")).toBe("other");
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });

  it("writes bytes that are given in base64", async () => {
    const path = join(temporaryFolder(), "file");
    await writeFileAtomically(path, { content: "AP8K", encoding: "base64", mode: "0600" });

    expect([...readFileSync(path)]).toEqual([0x00, 0xff, 0x0a]);
  });
});

describe("what stands in the way of a file", () => {
  const FILE: FileInput = { content: "mine", mode: "0600" };

  it.each(["file", ".file.tmp"])("makes room if it is an empty folder: %s", async (name) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, name));
    await writeFileAtomically(join(folder, "file"), FILE);

    expect(modesIn(folder)).toEqual({ ".": "d0700", file: "-0600" });
  });

  it.each<[string, string, (at: (path: string) => string) => void]>([
    ["a/file", "is a folder", (at) => mkdirSync(at("a/file/of/somebody"), { recursive: true })],
    ["a/.file.tmp", "is a folder", (at) => mkdirSync(at("a/.file.tmp/of/somebody"), { recursive: true })],
    ["a", "is a file", (at) => writeFileSync(at("a"), "")],
    ["a", "is a link that leads nowhere", (at) => symlinkSync("nowhere", at("a"))],
  ])("is named, and stays, and nothing is left beside it: %s %s", async (name, what, put) => {
    const folder = temporaryFolder();
    put((path) => join(folder, path));
    const before = modesIn(folder);

    for (const path of ["a/file", ...(name === "a" ? ["a/b/c/file"] : [])]) {
      await expect(writeFileAtomically(join(folder, path), FILE)).rejects.toThrow(
        `${join(folder, name)} ${what}: remove it`,
      );
    }
    expect(modesIn(folder)).toEqual(before);
  });

  it("is left alone when the file is removed, if it is a folder", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "file"));
    writeFileSync(join(folder, ".file.tmp"), "");
    removeFile(join(folder, "file"));

    expect(modesIn(folder)).toMatchObject({ file: expect.stringMatching(/^d/) });
    expect(modesIn(folder)).not.toHaveProperty([".file.tmp"]);
  });

  it("is not half a file that could not be written to its end", async () => {
    const folder = temporaryFolder();
    const content = 3 as unknown as string; // nothing that can be written
    await expect(writeFileAtomically(join(folder, "file"), { content, mode: "0600" })).rejects.toThrow();

    expect(modesIn(folder)).toEqual({ ".": "d0700" });
  });
});

describe("digests", () => {
  it("of what was written are those of what is asked for", async () => {
    const file = fc.record<FileInput>({
      content: fc.string({ unit: "grapheme" }),
      mode: fc.constantFrom("0600", "0644", "0400", "0777"),
    });
    const files = fc.dictionary(fc.stringMatching(/^([A-Z]{1,3}\/)?[a-z]{1,3}$/), file, { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(files, async (files) => {
        const folder = temporaryFolder();
        for (const [path, file] of Object.entries(files)) await writeFileAtomically(join(folder, path), file);

        expect(digestsAt(folder, Object.keys(files).reverse())).toEqual(digestsOf(files));
        expect((await filesBelow(folder)).sort()).toEqual(Object.keys(files).sort());
      }),
      { numRuns: 25 },
    );
  });
});

describe("directoryIdentity", () => {
  it("is the same until the directory is another one", async () => {
    const path = join(temporaryFolder(), "dir");
    expect(await directoryIdentity(path)).toBe("");

    mkdirSync(path);
    const first = await directoryIdentity(path);
    writeFileSync(join(path, "file"), "");
    renameSync(path, `${path}2`);
    expect(await directoryIdentity(`${path}2`)).toBe(first);

    rmSync(`${path}2`, { recursive: true });
    mkdirSync(path);
    expect(await directoryIdentity(path)).not.toBe(first);
    expect(await directoryIdentity(path)).toMatch(/^\d+-\d+$/);
  });

  it("is empty for a file", async () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "");

    expect(statSync(path).isFile()).toBe(true);
    expect(await directoryIdentity(path)).toBe("");
  });
});
