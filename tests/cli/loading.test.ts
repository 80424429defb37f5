import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";

import { packageRoot } from "../../toolchain/package-root.ts";
import { loadedBy } from "../loaded-packages.ts";

it("no verb waits for the SDK: it takes a second, and none of them declares anything", async () => {
  const files = readdirSync(join(packageRoot, "cli"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "main.ts") // which would read the arguments
    .map((file) => `import "./cli/${file}";`);

  const packages = await loadedBy(files.join("\n"));

  expect(packages).toContain("yaml");
  expect(packages.filter((name) => name?.startsWith("@pulumi/"))).toEqual([]);
});
