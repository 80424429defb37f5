import { expect, it } from "@jest/globals";

import { attributesOf } from "../../rules/subject.ts";

it("a name has its attributes from the country down to the common name", () => {
  const subject = {
    commonName: "alice",
    organizationalUnit: "IT",
    organization: "Acme",
    locality: "Pudong",
    province: "Shanghai",
    country: "CN",
  };

  expect(attributesOf(subject)).toEqual([
    ["C", "CN"],
    ["ST", "Shanghai"],
    ["L", "Pudong"],
    ["O", "Acme"],
    ["OU", "IT"],
    ["CN", "alice"],
  ]);
});

it("a name has no attribute that is empty or left out", () => {
  expect(attributesOf({ country: "", organization: "Acme", commonName: "alice" })).toEqual([
    ["O", "Acme"],
    ["CN", "alice"],
  ]);
});
