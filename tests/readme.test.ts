import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { whatNow } from "../cli/up.ts";
import { readStack } from "../cli/stack.ts";
import { blocks, commands, page, SOURCES } from "./readme.ts";

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/benchmarks.md",
  "docs/certificates.md",
  "docs/trust.md",
  "templates/README.md",
];
const README = page("README.md");
const { scripts } = JSON.parse(page("package.json")) as { scripts: Record<string, string> };
const { config } = parse(page("Pulumi.yaml")) as { config: Record<string, unknown> };

// That its commands do what it says: tests/integration/readme.test.ts.
describe("the README", () => {
  it("shows the two curls that up prints for the stack dev", async () => {
    const printed = whatNow(await readStack("dev"))
      .split("\n")
      .filter((line) => line.startsWith("  curl "));

    expect(printed).toHaveLength(2);
    const shown = commands(README).map(({ text }) => text);
    for (const curl of printed) expect(shown).toContain(curl.trim());
  });

  it("lists every verb", () => {
    const verbs = Object.keys(scripts).filter((name) => name !== "prepack");
    for (const verb of verbs) expect(README).toMatch(new RegExp(`^\\| \`npm (run )?${verb}\\b`, "m"));
  });

  it("lists every stack", () => {
    const stacks = readdirSync(SOURCES).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    for (const stack of stacks) expect(README).toMatch(new RegExp(`^\\| \`${stack}\``, "m"));
  });

  it("shows a part of the example as it is, and the example has less than 40 lines", () => {
    const example = page("examples/one-site/index.ts");

    for (const code of blocks(README, "ts")) expect(example).toContain(code);
    expect(example.trim().split("\n").length).toBeLessThan(40);
  });
});

describe.each(PAGES)("%s", (path) => {
  const text = page(path);

  it("names only scripts that package.json has", () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("names only configuration keys that Pulumi.yaml has", () => {
    const named = [...text.matchAll(/mtls-lab:(\w+)/g)].map(([, key = ""]) => key);
    expect(named.filter((key) => !(key in config))).toEqual([]);
  });

  it("links only to files that there are", () => {
    const linked = [...text.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(linked.filter((target) => !existsSync(join(SOURCES, dirname(path), target)))).toEqual([]);
  });
});
