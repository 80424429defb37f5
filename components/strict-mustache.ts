import Mustache from "mustache";

import { quoted } from "../rules/quoted.ts";

/** A template and the rules its values must keep. */
export interface StrictTemplate {
  /** Name of the file, for messages. */
  file: string;
  /** The mustache text. */
  text: string;
  /**
   * Texts for `{{> name}}`.
   *
   * @default - partials are refused
   */
  partials?: Record<string, string>;
  /** What is written for a value. */
  escape(value: string): string;
  /**
   * What is wrong with a value at its place, as the end of a sentence, or undefined if nothing is.
   *
   * @param before the template's text from the start of the line to the tag.
   * @default - every value is fine
   */
  problem?(value: string, before: string): string | undefined;
}

// What Mustache.parse gives: kind, name or text, start, end, and for a section its own tokens.
type Token = [kind: string, name: string, start: number, end: number, children?: Token[]];

/**
 * Renders a mustache template of which every tag must have a value.
 *
 * Mustache itself renders an unknown or empty tag as nothing, which in a configuration file is a broken or, worse, another directive.
 *
 * A tag takes a string that is not empty or a finite number; a section takes a boolean, such a value, or an array.
 *
 * @throws Error if the template cannot be parsed, a tag is unknown or its value is not allowed, or the template holds an unescaped tag (`{{{x}}}`, `{{&x}}`),
 * a change of delimiters, or a partial that is not given.
 */
export function renderStrict(template: StrictTemplate, view: object): string {
  check(parsed(template.file, template.text), template, template.text, [view]);
  return Mustache.render(template.text, view, template.partials, { escape: (value) => template.escape(String(value)) });
}

/** Mustache's own errors name a position in the text, and not whose. */
function parsed(file: string, text: string): Token[] {
  try {
    return Mustache.parse(text) as Token[];
  } catch (error) {
    const { message } = error as Error;
    const [, what = message, position = "0"] = /^(.*) at (\d+)$/.exec(message) ?? [];
    throw new Error(`templates/${file}: ${what} in line ${text.slice(0, Number(position)).split("\n").length}`);
  }
}

function check(tokens: Token[], template: StrictTemplate, text: string, scopes: readonly unknown[]): void {
  const refuse = (what: string): never => {
    throw new Error(`templates/${template.file}: ${what}`);
  };
  for (const [kind, name, start, , children = []] of tokens) {
    if (kind === "text" || kind === "!") continue;

    if (kind === ">") {
      const partial = template.partials?.[name] ?? refuse(`the partial {{> ${name}}} is not allowed here`);
      check(parsed(`${template.file}, {{> ${name}}}`, partial), template, partial, scopes);
    } else if (kind === "#" || kind === "^") {
      const value = lookup(scopes, name) ?? refuse(`{{${kind}${name}}} has no value: give it one, or false`);
      if (value === "") refuse(`{{${kind}${name}}} is "": give it a text that is not empty, or false`);
      const inner = kind === "#" ? itemsOf(value) : isFalsy(value) ? [undefined] : [];
      for (const item of inner) check(children, template, text, item === undefined ? scopes : [item, ...scopes]);
    } else if (kind === "name") {
      const value = lookup(scopes, name);
      const tag = `{{${name}}}`;
      if (value === undefined) refuse(`${tag} has no value: give it one, or take the tag out`);
      if (!isWritable(value)) {
        refuse(`${tag} is ${quoted(value)}: it must be a text that is not empty, or a number`);
      }
      const problem = template.problem?.(String(value), text.slice(text.lastIndexOf("\n", start - 1) + 1, start));
      if (problem !== undefined) refuse(`${tag} is ${quoted(value)}: ${problem}`);
    } else {
      refuse(`the tag {{${kind}${name}}} is not allowed: it would write a value unescaped or change what a tag is`);
    }
  }
}

function lookup(scopes: readonly unknown[], name: string): unknown {
  if (name === ".") return scopes[0];
  for (const scope of scopes) {
    if (typeof scope === "object" && scope !== null && Object.hasOwn(scope, name)) {
      return (scope as Record<string, unknown>)[name];
    }
  }
  return undefined;
}

// As Mustache does: an array is repeated, a falsy value hides the section, anything else shows it once.
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFalsy(value) ? [] : [value];
}

function isFalsy(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

function isWritable(value: unknown): value is string | number {
  return (typeof value === "string" && value !== "") || Number.isFinite(value);
}
