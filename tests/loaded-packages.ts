import { expect } from "@jest/globals";

import { packageRoot } from "../toolchain/package-root.ts";
import { run } from "./checkout.ts";

/** Which npm packages of CommonJS, as the SDK is, a program in the checkout has loaded. Fails if it says something. */
export async function loadedBy(program: string): Promise<string[]> {
  const report = `
    import { createRequire } from "node:module";
    const paths = Object.keys(createRequire(import.meta.url).cache);
    const packages = paths.map((path) => /.*node_modules\\/((@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
    console.log(JSON.stringify([...new Set(packages)]));
  `;
  const { stdout, stderr } = await run("node", ["--input-type=module", "-e", `${program}\n${report}`], packageRoot);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as string[];
}
