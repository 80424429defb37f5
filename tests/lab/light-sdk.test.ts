import { expect, it } from "@jest/globals";

import { packageRoot } from "../../toolchain/package-root.ts";
import { run } from "../checkout.ts";

/** Which packages a program has loaded whose first line is this. */
async function loadedBy(first: string): Promise<string[]> {
  const program = `
    ${first}
    import { createRequire } from "node:module";
    import * as pulumi from "@pulumi/pulumi";
    const paths = Object.keys(createRequire(import.meta.url).cache);
    const packages = paths.map((path) => /.*node_modules\\/((@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
    console.log(JSON.stringify([typeof pulumi.all, ...new Set(packages)]));
  `;
  const { stdout, stderr } = await run("node", ["--input-type=module", "-e", program], packageRoot);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as string[];
}

const LEFT_OUT = ["typescript", "@npmcli/arborist", "execa"];

it("the SDK brings a compiler, npm's resolver and what starts an engine; the lab loads the SDK without them", async () => {
  const [whole, light] = [await loadedBy(""), await loadedBy(`import "./lab/light-sdk.ts";`)];

  expect(whole).toEqual(expect.arrayContaining(["function", "@pulumi/pulumi", ...LEFT_OUT]));
  expect(light).toEqual(expect.arrayContaining(["function", "@pulumi/pulumi"]));
  expect(light.filter((name) => LEFT_OUT.includes(name))).toEqual([]);
});
