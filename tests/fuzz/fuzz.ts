import fc from "fast-check";

import { input, type Input } from "./inputs.ts";
import { NginxParser } from "./nginx-parser.ts";
import { Oracle, RENDERERS } from "./oracle.ts";

/** So many are under way at a time: while the parser reads one, the next is rendered. */
const LANES = 4;

export interface FuzzOptions {
  inputs: number;
  /** The same seed gives the same inputs. */
  seed: number;
  /** @default - what the lab has */
  renderers?: typeof RENDERERS;
  /** Of the inputs that are fine every how manyth is kept for nginx itself. */
  keepEvery: number;
  /**
   * Whether the smallest input is looked for, where something is wrong.
   *
   * @default true
   */
  shrinks?: boolean;
}

/** What came of it. */
export interface Fuzzed {
  seed: number;
  accepted: number;
  refused: number;
  /** So many directives were compared. */
  directives: number;
  /** Some of the texts that were taken, of sites and of chains; nothing is looked up in them but our own names. */
  kept: { site: string[]; chains: string[] };
  /** The smallest input that was found for which something is wrong, and what. Undefined: there is none. */
  counterexample: { input: Input; problem: string } | undefined;
}

/** Gives inputs to the renderers until something is wrong. */
export async function fuzz({
  inputs,
  seed,
  renderers = RENDERERS,
  keepEvery,
  shrinks = true,
}: FuzzOptions): Promise<Fuzzed> {
  const parser = await NginxParser.start();
  try {
    const oracle = await Oracle.create(parser, renderers);
    const kept: Fuzzed["kept"] = { site: [], chains: [] };
    let fine = 0;
    const property = fc.asyncProperty(input, async (given) => {
      const text = await oracle.check(given);
      if (text === undefined || given.of === "view" || given.place !== undefined) return;
      if (fine++ % keepEvery === 0) kept[given.of].push(text);
    });
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      fc.check(property, { numRuns: Math.ceil((inputs - lane) / LANES), seed: seed + lane, endOnFailure: !shrinks }),
    );
    const [failed] = (await Promise.all(lanes)).filter((lane) => lane.failed);
    const { accepted, refused, directives } = oracle;
    const found = failed?.counterexample ?? undefined;
    const counterexample = found && { input: found[0], problem: (failed!.errorInstance as Error).message };
    return { seed, accepted, refused, directives, kept, counterexample };
  } finally {
    await parser.stop();
  }
}
