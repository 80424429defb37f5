import { join } from "node:path";

import { LineProgram } from "../verifiers/line-program.ts";
import { built } from "../verifiers/set-up.ts";

/** A directive as it was read: its words, and what is in its braces. */
export type Directive = [words: string[], block?: Directive[]];

/** nginx has a buffer of 4096 bytes for a word, with what is left of its quotes, and for a comment: `too long parameter`. */
const TOO_LONG = /^(?=.{4095}).*?(#.{4095}|"[^"]{4095}|[^\s"]{4096})/;

/**
 * NGINX's own parser of its configuration (nginx-go-crossplane), which knows nothing of ours. It also refuses a directive that nginx
 * does not know, one in a wrong place, and a wrong number of arguments.
 *
 * It knows no limit of length, which is added here. Of escapes it resolves those of quotes alone, and nginx also takes `\\`, `\t`, `\r`
 * and `\n` for others; so what it accepts is shown to `nginx -t` as well.
 */
export class NginxParser extends LineProgram {
  /** Starts it; builds it where it is missing. */
  static async start(): Promise<NginxParser> {
    return new NginxParser(join(await built("crossplane"), "parse"), []);
  }

  /** The directives of a configuration, or in a sentence why it is none. */
  async parse(text: string): Promise<Directive[] | string> {
    const long = text.split("\n").find((line) => TOO_LONG.test(Buffer.from(line).toString("latin1")));
    if (long !== undefined) return `too long parameter in ${long.slice(0, 50)}…`;
    return JSON.parse(await this.ask(JSON.stringify(text))) as Directive[] | string;
  }
}
