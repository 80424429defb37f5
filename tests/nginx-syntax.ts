/** One directive as nginx reads it: its words without quotes, and what is in its braces. */
export interface Directive {
  words: string[];
  block?: Directive[];
}

// White space or a comment; a quoted word; the end of a directive or block; a bare word, which may hold quotes further on.
const TOKEN =
  /(?:\s+|#[^\n]*)|(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=[\s;{])|(?<end>[;{}])|(?<bare>(?!["'])(?:[^\s;{\\]|\\.)+)/gsy;

/** Reads nginx configuration by nginx's rules for words, quotes and comments; knows nothing of what directives mean. */
export function parseNginx(text: string): Directive[] {
  const blocks: Directive[][] = [[]];
  let words: string[] = [];
  let read = 0;
  for (const { 0: token, groups } of text.matchAll(TOKEN)) {
    read += token.length;
    const { quoted, bare, end } = groups!;
    const word = bare ?? quoted?.slice(1, -1);
    if (word !== undefined) words.push(word.replace(/\\(["'\\])/g, "$1"));
    if (end === undefined) continue;

    // A block ends where a directive could begin; a directive has a name.
    if ((end === "}") !== (words.length === 0)) throw new Error(`unexpected ${end} before offset ${read}`);
    if (end === "}") {
      blocks.pop();
    } else {
      const directive: Directive = end === "{" ? { words, block: [] } : { words };
      blocks.at(-1)?.push(directive);
      if (directive.block) blocks.push(directive.block);
      words = [];
    }
  }
  if (read < text.length || blocks.length !== 1 || words.length > 0)
    throw new Error(`cannot read on at offset ${read}`);
  return blocks[0]!;
}

/** The same tree without the values: each directive's name, number of words and block. The lines of a map have no names. */
export function shapeOf(directives: Directive[], inMap = false): unknown[] {
  return directives.map(({ words, block }) => [
    inMap ? "" : words[0],
    words.length,
    ...(block ? [shapeOf(block, words[0] === "map")] : []),
  ]);
}
