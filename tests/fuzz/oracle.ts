import { readFileSync } from "node:fs";

import { renderClientChains } from "../../components/client-chains.ts";
import { type NginxConfView, renderNginxConf } from "../../components/nginx-conf.ts";
import { CASES } from "../templates/cases.ts";
import type { Input } from "./inputs.ts";
import { block, linesOf, withPatterns } from "./lines.ts";
import { meant } from "./meant.ts";
import { meantChains } from "./meant-chains.ts";
import type { Directive, NginxParser } from "./nginx-parser.ts";
import { refusalProblem } from "./refusals.ts";
import { viewOf } from "./sites.ts";

/** What is fuzzed. */
export const RENDERERS = { nginxConf: renderNginxConf, clientChains: renderClientChains };

/** What must be so of each input. */
export class Oracle {
  accepted = 0;
  refused = 0;
  /** So many directives were compared. */
  directives = 0;
  private readonly parser: NginxParser;
  private readonly renderers: typeof RENDERERS;
  /** The directives that are the same in all sites, without and with services. */
  private readonly constants: [string[], string[]];

  private constructor(parser: NginxParser, renderers: typeof RENDERERS, constants: [string[], string[]]) {
    this.parser = parser;
    this.renderers = renderers;
    this.constants = constants;
  }

  static async create(parser: NginxParser, renderers = RENDERERS): Promise<Oracle> {
    const constantsOf = async (name: string) => {
      const { view, expected } = CASES.find((one) => one.name === name)!;
      return without(await linesRead(parser, readFileSync(expected, "utf8")), linesOf(meant(view)));
    };
    return new Oracle(parser, renderers, [await constantsOf("dev"), await constantsOf("upstreams")]);
  }

  /**
   * Renders an input, and compares what nginx would read with what is meant.
   *
   * @returns the text; undefined where the input was refused as it should be.
   * @throws Error that says what is wrong.
   */
  async check(input: Input): Promise<string | undefined> {
    let text: string;
    try {
      text = this.render(input);
    } catch (error) {
      const { message } = error as Error;
      const problem = input.place === undefined ? "it is fine and was refused" : refusalProblem(input, message);
      if (problem !== undefined) throw new Error(`${problem}: ${message}`, { cause: error });
      this.refused++;
      return undefined;
    }
    const { directives, constant } = this.meant(input);
    const read = await linesRead(this.parser, input.of === "chains" ? `http {\n${text}}\n` : text);
    const [own, lines] = [without(read, constant), linesOf(directives)];
    for (let at = 0; at < Math.max(own.length, lines.length); at++) {
      if (own[at] === lines[at]) continue;
      throw new Error(
        `nginx would read ${own[at] ?? "nothing more"}\nwhere this is meant: ${lines[at] ?? "nothing more"}`,
      );
    }
    this.accepted++;
    this.directives += read.length;
    return text;
  }

  private render(input: Input): string {
    if (input.of === "chains") return this.renderers.clientChains(input.value);
    return this.renderers.nginxConf(viewIn(input));
  }

  /** The directives that depend on the input, in their order, and the others. */
  private meant(input: Input): { directives: Directive[]; constant: string[] } {
    if (input.of === "chains") return { directives: [block(["http"], meantChains(input.value))], constant: [] };
    const view = viewIn(input);
    const hasServices = view.locations?.some(({ upstream }) => upstream) ?? false;
    return { directives: meant(view), constant: this.constants[hasServices ? 1 : 0] };
  }
}

/** What nginx.conf is made from. Throws where a site is refused. */
function viewIn(input: Exclude<Input, { of: "chains" }>): NginxConfView {
  return input.of === "site" ? viewOf(input.value) : input.value;
}

async function linesRead(parser: NginxParser, text: string): Promise<string[]> {
  const directives = await parser.parse(text);
  if (typeof directives === "string") throw new Error(`nginx would read nothing: ${directives}`);
  return linesOf(withPatterns(directives));
}

/** Some lines without others, each of which must be there. */
function without(lines: string[], others: string[]): string[] {
  const left = Map.groupBy(others, (line) => line);
  const rest = lines.filter((line) => left.get(line)?.pop() === undefined);
  const [missing] = [...left.values()].flat();
  if (missing !== undefined) throw new Error(`nginx would not read ${missing}`);
  return rest;
}
