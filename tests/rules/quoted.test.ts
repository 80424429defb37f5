import { describe, expect, it } from "@jest/globals";

import { quoted } from "../../rules/quoted.ts";

describe("a value in a message", () => {
  it.each([
    ["lab.localhost", '"lab.localhost"'],
    ["bücher 中 🔑", '"bücher 中 🔑"'],
    [443, "443"],
    [undefined, "undefined"],
    [["a", null], '["a",null]'],
    ['a"\n\0', String.raw`"a\"\n\u0000"`],
    ["\x1b[2J \x7f \x9b2J", String.raw`"\u001b[2J \u007f \u009b2J"`],
    ["a\u2028b\u202ec", String.raw`"a\u2028b\u202ec"`],
    ["\ud800", String.raw`"\ud800"`],
    ["\u{e0001}", String.raw`"\udb40\udc01"`],
  ])("is %j as %s", (value, text) => {
    expect(quoted(value)).toBe(text);
  });

  it("is the start of a long one, and its length", () => {
    expect(quoted("a".repeat(5_000_000))).toBe(`"${"a".repeat(299)}… (5000002 characters)`);
    expect(quoted(`${"a".repeat(298)}🔑`)).toBe(`"${"a".repeat(298)}\ufffd… (302 characters)`);
    expect(quoted("a".repeat(298))).toBe(`"${"a".repeat(298)}"`);
  });
});
