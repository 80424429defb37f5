import type { Directive } from "./nginx-parser.ts";

export const line = (...words: string[]): Directive => [words];
export const block = (words: string[], directives: Directive[]): Directive => [words, directives];

/** What means something in a regular expression, outside and inside brackets (pcre2pattern(3)). */
const META = /[\\^$.[\]|(){}?*+]/g;
/** Marks what means something: half a surrogate pair, which no text read from UTF-8 has. */
const MARK = "\ud800";

/** A pattern of a map: what is written out is a regular expression, and a value in it stands for itself. */
export function pattern(written: TemplateStringsArray, ...values: string[]): string {
  const parts = written.raw.map((part) => part.replace(META, `${MARK}$&`));
  return parts.map((part, index) => part + (values[index]?.toWellFormed() ?? "")).join("");
}

/** The same of a pattern as it was read: `\xHH` is a byte that stands for itself. */
function patternRead(text: string): string {
  return text.replace(/((?:\\x[0-9a-f]{2})+)|[\\^$.[\]|(){}?*+]/g, (meta, bytes?: string) =>
    bytes === undefined ? MARK + meta : Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString(),
  );
}

/** What was read, with the patterns of maps in the form that {@link pattern} gives. */
export function withPatterns(directives: Directive[], inMap = false): Directive[] {
  return directives.map(([words, inner]) => {
    const [first = "", ...others] = words;
    const read = inMap && first.startsWith("~") ? ["~" + patternRead(first.slice(1)), ...others] : words;
    return inner ? [read, withPatterns(inner, first === "map")] : [read];
  });
}

/** One line for each directive, which says in which blocks it is; servers, which have no name, are counted. */
export function linesOf(directives: Directive[], context = ""): string[] {
  let servers = 0;
  return directives.flatMap(([words, inner]) => {
    const own = context + JSON.stringify(words);
    if (!inner) return [own];
    const place = words.length === 1 && words[0] === "server" ? `${own}#${++servers}` : own;
    return [place, ...linesOf(inner, `${place} > `)];
  });
}
