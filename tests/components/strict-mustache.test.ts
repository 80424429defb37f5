import { describe, expect, it } from "@jest/globals";

import { renderStrict, type StrictTemplate } from "../../components/strict-mustache.ts";

const template = (text: string, more: Partial<StrictTemplate> = {}): StrictTemplate => ({
  file: "t",
  text,
  escape: (value) => value,
  ...more,
});

describe("renderStrict", () => {
  it.each([
    ["a value", "a {{x}};", { x: "1/2" }, "a 1/2;"],
    ["a number, zero too", "a {{x}};", { x: 0 }, "a 0;"],
    ["a section for each item", "{{#x}}<{{.}}>{{/x}}", { x: ["a", "b"] }, "<a><b>"],
    ["no section for an empty list", "a{{#x}}{{.}}{{/x}}", { x: [] }, "a"],
    ["no section for false", "a{{#x}}b{{/x}}{{^x}}c{{/x}}", { x: false }, "ac"],
    ["a section for a text, as its value", "{{#x}}:{{.}}{{/x}}", { x: "8443" }, ":8443"],
    ["the fields of an item, then those around it", "{{#x}}{{a}}{{b}}{{/x}}", { x: [{ a: "1" }], b: "2" }, "12"],
    ["a comment as nothing", "a{{! about x }}b", {}, "ab"],
  ])("writes %s", (_what, text, view, expected) => {
    expect(renderStrict(template(text), view)).toBe(expected);
  });

  it.each([
    ["an unknown tag", "{{x}}", {}, "{{x}} has no value"],
    ["an unknown section", "{{#x}}{{/x}}", {}, "{{#x}} has no value"],
    ["an unknown inverted section", "{{^x}}{{/x}}", {}, "{{^x}} has no value"],
    ["a tag inherited from Object", "{{toString}}", {}, "{{toString}} has no value"],
    ["an undefined value", "{{x}}", { x: undefined }, "{{x}} has no value"],
    ["null", "{{x}}", { x: null }, "{{x}} is null"],
    ["an empty text", "{{x}}", { x: "" }, '{{x}} is ""'],
    ["an empty text in a list", "{{#x}}{{.}}{{/x}}", { x: ["a", ""] }, '{{.}} is ""'],
    ["an empty text in the place of a section", "{{#x}}a{{/x}}", { x: "" }, '{{#x}} is ""'],
    ["an empty text in the place of an inverted section", "{{^x}}a{{/x}}", { x: "" }, '{{^x}} is ""'],
    ["a number that is none", "{{x}}", { x: NaN }, "{{x}} is null"],
    ["a list in the place of a text", "{{x}}", { x: ["a"] }, '{{x}} is ["a"]'],
    ["a boolean in the place of a text", "{{x}}", { x: true }, "{{x}} is true"],
    ["an unknown tag inside a section", "{{#x}}{{y}}{{/x}}", { x: [1] }, "{{y}} has no value"],
    ["an unescaped tag", "{{{x}}}", { x: "a" }, "the tag {{&x}} is not allowed"],
    ["an unescaped tag with &", "{{&x}}", { x: "a" }, "the tag {{&x}} is not allowed"],
    ["a change of delimiters", "{{=<% %>=}}", {}, "the tag {{=<% %>}} is not allowed"],
    ["a partial that was not given", "{{>x}}", { x: "a" }, "the partial {{> x}} is not allowed here"],
  ])("refuses %s", (_what, text, view, message) => {
    expect(() => renderStrict(template(text), view)).toThrow(`templates/t: ${message}`);
  });

  it.each([
    ["a section that does not end", "a\n{{#x}}", 'Unclosed section "x" in line 2'],
    ["the end of another section", "{{#x}}\n\n{{/y}}", 'Unclosed section "x" in line 3'],
    ["the end of a section that has not begun", "{{/x}}", 'Unopened section "x" in line 1'],
    ["a tag that does not end", "a\nb {{x", "Unclosed tag in line 2"],
  ])("says where %s is", (_what, text, message) => {
    expect(() => renderStrict(template(text), {})).toThrow(`templates/t: ${message}`);
    expect(() => renderStrict(template("{{> p}}", { partials: { p: text } }), {})).toThrow(
      `templates/t, {{> p}}: ${message}`,
    );
  });

  it("holds partials to the same rules", () => {
    const partials = { p: "<{{x}}>" };

    expect(renderStrict(template("a{{> p}}", { partials }), { x: "b" })).toBe("a<b>");
    expect(() => renderStrict(template("a{{> p}}", { partials }), {})).toThrow("{{x}} has no value");
  });

  it("asks about each value with what stands before it on its line", () => {
    const asked: [string, string][] = [];
    const problem = (value: string, before: string): undefined => void asked.push([value, before]);

    renderStrict(template('first "\n  listen {{a}} "{{b}}";', { problem }), { a: 1, b: "two" });

    expect(asked).toEqual([
      ["1", "  listen "],
      ["two", '  listen {{a}} "'],
    ]);
  });

  it("says which tag, which value and what is wrong", () => {
    expect(() => renderStrict(template("{{a}}", { problem: () => "too odd" }), { a: "b\n" })).toThrow(
      'templates/t: {{a}} is "b\\n": too odd',
    );
  });
});
