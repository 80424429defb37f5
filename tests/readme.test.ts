import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { tryIt } from "../cli/try-it.ts";
import { readStack } from "../cli/stack.ts";
import { engineVersion } from "../toolchain/engine.ts";
import { NOTHING } from "./live-lab.ts";
import { blocks, commands, page, SOURCES } from "./readme.ts";

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/access.md",
  "docs/architecture.md",
  "docs/benchmarks.md",
  "docs/certificates.md",
  "docs/hierarchies.md",
  "docs/rollover.md",
  "docs/swarm.md",
  "docs/trust.md",
  "docs/upstreams.md",
  "templates/README.md",
];
const README = page("README.md");
const { scripts } = JSON.parse(page("package.json")) as { scripts: Record<string, string> };
const { config } = parse(page("Pulumi.yaml")) as { config: Record<string, unknown> };

// That its commands do what it says: tests/integration/readme.test.ts.
describe("the README", () => {
  it("shows the two curls that up prints for the stack dev", async () => {
    const printed = tryIt(await readStack("dev"))
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

  it("asks for the Pulumi CLI that Pulumi.yaml requires: the one that the lab is tested with", () => {
    const { requiredPulumiVersion } = parse(page("Pulumi.yaml")) as Record<string, string>;
    const tested = engineVersion().slice(1);
    expect(requiredPulumiVersion).toBe(`>=${tested}`);
    expect(README).toContain(`with the Pulumi CLI ≥ ${tested.replace(/\.0$/, "")} `);
  });

  it("says in one place what it means to trust the root", () => {
    const sections = README.split("\n## ").filter((section) => section.includes("npm run trust -- --help-for"));
    expect(sections).toHaveLength(1);
    expect(README.match(/^## .*(trust|cacert).*$/gim)).toEqual(["## Trust the root"]);
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

describe("the other pages", () => {
  it.each(["hierarchies", "upstreams"])("show parts of the programs of %s as they are", (name) => {
    const folder = `examples/${name}`;
    const programs = readdirSync(join(SOURCES, folder)).filter((file) => file.endsWith(".ts"));
    const text = programs.map((file) => page(`${folder}/${file}`)).join("");
    const shown = page(`docs/${name}.md`);

    for (const code of blocks(shown, "ts")) expect(text).toContain(code);
    for (const file of programs) expect(shown).toContain(`(../${folder}/${file})`);
  });

  it("count the resources of the default lab, as the engine does, and name every component", () => {
    const text = page("docs/architecture.md");
    expect(text).toContain(`The default lab is ${NOTHING[0]!.split(" ")[0]} resources`);
    const components = ["RootCA", "IntermediateCA", "ServerCert", "ClientCert", "Revocation", "NginxMtlsSite"];
    for (const component of components) {
      expect(text).toMatch(new RegExp(`^\\| .*\`${component}\``, "m"));
      expect(README).toContain(`\`${component}\``);
    }
  });

  it("have a line for every folder of sources", () => {
    const folders = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const sources = folders.map(({ name }) => name).filter((name) => !/^(\.|node_modules$|dist$|docs$)/.test(name));
    for (const folder of sources) expect(page("CONTRIBUTING.md")).toContain(`\n| \`${folder}/\` `);
  });

  it("list a change once", () => {
    const entries = page("CHANGELOG.md").match(/^- .{0,25}/gm)!;
    expect(new Set(entries).size).toBe(entries.length);
  });

  it("say truly whether the lab's root has name constraints", () => {
    expect(page("docs/trust.md")).toContain("The lab's own root\nhas them by default (`mtls-lab:nameConstraints`)");
    expect(config.nameConstraints).toMatchObject({ default: true });
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
