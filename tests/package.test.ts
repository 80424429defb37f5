/** What package.json declares is what the sources import: nothing comes by the grace of another package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import ts from "typescript";

import { packageRoot } from "../toolchain/package-root.ts";

const read = (file: string) => readFileSync(join(packageRoot, file), "utf8");
const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version: string }> };
const { include: packed } = JSON.parse(read("tsconfig.build.json")) as { include: string[] };

/** Packages that source files import, by themselves or by what they import from here. Types alone do not count. */
function imported(files: string[]): string[] {
  const found = new Set<string>();
  const seen = new Set(files);
  for (const file of seen) {
    const compiled = ts.transpile(read(file), { target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true });
    for (const { fileName } of ts.preProcessFile(compiled).importedFiles) {
      if (fileName.startsWith(".")) seen.add(join(file, "..", fileName));
      else if (!fileName.startsWith("node:")) found.add(/^(@[^/]+\/)?[^/]+/.exec(fileName)![0]);
    }
  }
  return [...found].sort();
}

/** Every source file below some folders. */
function sources(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
}

describe("package.json", () => {
  it("has as dependencies what the packed sources import, and no more", () => {
    expect(imported(packed)).toEqual(Object.keys(dependencies!));
  });

  it("has as development dependencies what else is imported", () => {
    const declared = { ...dependencies, ...devDependencies };
    const all = ["index.ts", ...sources("cli", "toolchain", "bench", "tests")];
    expect(imported(all).filter((name) => !(name in declared) && name !== "mtls-lab")).toEqual([]);
  });

  it("names exact versions, those of package-lock.json", () => {
    const locked = ([name]: [string, string]) => [name, packages[`node_modules/${name}`]!.version];
    const declared = Object.entries({ ...dependencies, ...devDependencies });
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(declared.map(locked)));
  });
});
