import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { nginxLiteral } from "../../components/nginx-literal.ts";

describe("nginxLiteral", () => {
  it.each([
    ["CN=alice,O=Jack-GM", "CN=alice,O=Jack-GM"],
    ["a.b", String.raw`a\x2eb`],
    [String.raw`\C3`, String.raw`\x5cC3`],
    ["é", String.raw`\xc3\xa9`],
    ["\n", String.raw`\x0a`],
  ])("writes %j as %s", (text, literal) => {
    expect(nginxLiteral(text)).toBe(literal);
  });

  it("stands for itself and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const isFound = new RegExp(`^${nginxLiteral(text)}$`).test(other);
        expect(isFound).toBe(other === text);
        expect(new RegExp(`^${nginxLiteral(text)}$`).test(text)).toBe(true);
      }),
    );
  });
});
