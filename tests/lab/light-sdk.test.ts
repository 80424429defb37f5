import { expect, it } from "@jest/globals";

import { loadedBy } from "../loaded-packages.ts";

const LEFT_OUT = ["typescript", "@npmcli/arborist", "execa"];

const USE_SDK = `
  import * as pulumi from "@pulumi/pulumi";
  if (typeof pulumi.all !== "function") throw new Error("the SDK is not whole");
`;

it("the SDK brings a compiler, npm's resolver and what starts an engine; the lab loads the SDK without them", async () => {
  const [whole, light] = [await loadedBy(USE_SDK), await loadedBy(`import "./lab/light-sdk.ts"; ${USE_SDK}`)];

  expect(whole).toEqual(expect.arrayContaining(["@pulumi/pulumi", ...LEFT_OUT]));
  expect(light).toContain("@pulumi/pulumi");
  expect(light.filter((name) => LEFT_OUT.includes(name))).toEqual([]);
});
