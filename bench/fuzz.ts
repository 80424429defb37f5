/** Whether the renderer of nginx.conf can be made to say what is not meant: by very many inputs, most of them hostile. */
import { fuzz as fuzzRenderers, type Fuzzed } from "../tests/fuzz/fuzz.ts";
import { refusedByNginx } from "../tests/fuzz/nginx-check.ts";
import { type Report, round, table } from "./side.ts";

/** About so many of the texts are shown to nginx itself. */
const SHOWN = 1000;

/** Fuzzes, and shows nginx a part of what is right. */
export async function fuzz({ inputs, seed }: { inputs: number; seed: number }): Promise<Report> {
  const start = performance.now();
  // A third of the inputs is fine.
  const found = await fuzzRenderers({ inputs, seed, keepEvery: Math.ceil(inputs / 3 / SHOWN) });
  const seconds = (performance.now() - start) / 1000;
  return fuzzReport(found, seconds, await refusedByNginx(found.kept));
}

/** @param refusedTexts what nginx says against the texts that it was shown. */
export function fuzzReport({ kept, counterexample, ...found }: Fuzzed, seconds: number, refusedTexts: string): Report {
  const { seed, accepted, refused, directives } = found;
  const perSecond = Math.round((accepted + refused) / seconds);
  const shown = kept.site.length + kept.chains.length;
  const head = ["inputs", "taken", "refused", "directives compared", "seconds", "inputs a second", "shown to nginx"];
  const row = [accepted + refused, accepted, refused, directives, Math.round(seconds), perSecond, shown];
  const problem = counterexample && [counterexample.problem, "", JSON.stringify(counterexample.input, undefined, 2)];
  return {
    json: { ...found, seconds: round(seconds), perSecond, shown, refusedTexts, counterexample },
    markdown: [`Seed ${seed}.`, "", ...table(head, [row.map(String)]), "", ...(problem ?? [refusedTexts])]
      .join("\n")
      .trim(),
    failed: counterexample
      ? `the renderer is wrong about the input above, --seed ${seed} finds it again`
      : refusedTexts && `nginx refuses what the renderer says, --seed ${seed} finds it again`,
  };
}
