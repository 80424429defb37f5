import { describe, expect, it } from "@jest/globals";

import { changedProperties, isKnown, type Properties } from "../../provider/resource-type.ts";
import { UNKNOWN } from "./resources.ts";

describe("changedProperties", () => {
  it.each<[string, Properties, Properties]>([
    ["nothing at all", {}, {}],
    ["equal values", { a: 1, b: ["x"], c: null }, { a: 1, b: ["x"], c: null }],
    ["another order of keys, however deep", { a: { b: 1, c: [{ d: 2, e: 3 }] } }, { a: { c: [{ e: 3, d: 2 }], b: 1 } }],
    ["undefined for what is left out", { a: undefined }, {}],
  ])("sees no change in %s", (_, olds, news) => {
    expect(changedProperties(olds, news)).toEqual([]);
  });

  it.each<[string, Properties, Properties, string[]]>([
    ["another value", { a: 1, b: 1 }, { a: 2, b: 1 }, ["a"]],
    ["a new property", {}, { a: "" }, ["a"]],
    ["one that went", { a: 0 }, {}, ["a"]],
    ["text for a number", { a: 1 }, { a: "1" }, ["a"]],
    ["another order in a list", { a: [1, 2] }, { a: [2, 1] }, ["a"]],
    ["a change deep inside", { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, ["a"]],
    ["what is not known yet", { a: 1, b: [1] }, { a: UNKNOWN, b: [UNKNOWN] }, ["a", "b"]],
  ])("names %s", (_, olds, news, names) => {
    expect(changedProperties(olds, news)).toEqual(names);
  });
});

describe("isKnown", () => {
  it("is false for the engine's placeholder only", () => {
    expect(isKnown(UNKNOWN)).toBe(false);
    expect([undefined, null, "", 0, [], {}].map(isKnown)).toEqual([true, true, true, true, true, true]);
  });
});
