import fc from "fast-check";

import { anyCharacter, ODD_CHARACTERS } from "./names.ts";

/** A place where something holds a text. */
export interface Place {
  /** For example `locations[0].upstream.url`. */
  name: string;
  text: string;
  set(text: string): void;
}

/** Names of components: they are in messages and in no file. */
const NOT_IN_FILES = new Set(["name"]);

/** Every text in something, each once. */
export function textsIn(value: unknown): Place[] {
  const seen = new Set<object>();
  const walk = (parent: object, name: string): Place[] => {
    if (seen.has(parent)) return [];
    seen.add(parent);
    return Object.entries(parent).flatMap(([key, held]: [string, unknown]): Place[] => {
      const place = Array.isArray(parent) ? `${name}[${key}]` : name === "" ? key : `${name}.${key}`;
      if (typeof held === "object" && held !== null) return walk(held, place);
      if (typeof held !== "string" || NOT_IN_FILES.has(key)) return [];
      return [{ name: place, text: held, set: (text) => void Object.assign(parent, { [key]: text }) }];
    });
  };
  return walk(value as object, "");
}

const odd = fc.constantFrom(...ODD_CHARACTERS);

/** What has broken configurations of others, and what is too long for nginx. */
const attack = fc.constantFrom(
  'a"; } server { listen 81; } #',
  "a; return 200",
  "a { return 200; }",
  "a;\nload_module x.so;",
  "$request_uri",
  "${host}",
  "\\Q.*\\E",
  "\\x2e",
  "..",
  "%2e%2e/",
  "/errors/403.html",
  "http://127.0.0.1",
  "https://[::1]:443/a",
  "[::1]",
  "__proto__",
  "constructor",
  "{{{policyName}}}",
  "=",
  "~",
  "",
  "a".repeat(5000),
  "中".repeat(1000),
  "a\n".repeat(3000),
);

/** What to put in place of a text: something else, or the same with something in it or after it. */
export const hostile: fc.Arbitrary<(text: string) => string> = fc.oneof(
  attack.map((text) => () => text),
  fc.string({ unit: odd, maxLength: 12 }).map((text) => () => text),
  fc.string({ unit: anyCharacter, maxLength: 12 }).map((text) => () => text),
  fc.tuple(fc.oneof(odd, attack), fc.nat(40)).map(([odd, at]) => (text: string) => {
    const where = at % (text.length + 1);
    return text.slice(0, where) + odd + text.slice(where);
  }),
  fc.oneof(odd, attack).map((odd) => (text: string) => text + odd),
);

/** A copy with something hostile in one of its places, of which it must have one; and the name of that place. */
export function withHostile<T>(
  value: T,
  position: number,
  change: (text: string) => string,
): { value: T; place: string } {
  const copy = structuredClone(value);
  const places = textsIn(copy);
  const place = places[position % places.length]!;
  place.set(change(place.text));
  return { value: copy, place: place.name };
}
