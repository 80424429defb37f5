import { peakMemory } from "../bench/memory.ts";
import { markdown, report, type Seconds } from "../bench/report.ts";
import { copySite, emptyProgram, labProgram, labVerbs, OPERATIONS, shellScript, type Side } from "../bench/sides.ts";
import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";

/** `bench`: the lab against an empty Pulumi program and a shell script, in one run, alternating. */
export async function bench(options: { rounds: number; json?: true }): Promise<void> {
  if (!(Number.isInteger(options.rounds) && options.rounds > 0)) {
    throw new Failure("--rounds must be a whole number of at least 1", 2);
  }
  const { env } = await setUp({ docker: true, image: "nginx:stable" });
  const { side: lab, checkout } = await labProgram(env);

  const sides = [emptyProgram(env), lab, await labVerbs()];
  try {
    // Gives the script its site, and shows the memory.
    await lab.prepare();
    const memory = await peakMemory(checkout.root, lab.operations["first up"]!);
    sides.push(await shellScript(copySite(checkout)));
    await lab.operations.down!();

    for (const side of sides) await play(side, {}); // fills everybody's caches
    const seconds: Seconds = Object.fromEntries(sides.map(({ name }) => [name, {}]));
    for (let round = 1; round <= options.rounds; round++) {
      process.stderr.write(`round ${round} of ${options.rounds}\n`);
      for (const side of sides) await play(side, seconds[side.name]!);
    }
    const found = report(options.rounds, seconds, memory);
    console.log(options.json ? JSON.stringify(found, undefined, 2) : markdown(found));
  } finally {
    for (const side of sides) await side.close();
  }
}

/** One round of a side: every operation that it has, in order. */
async function play(side: Side, seconds: Seconds[string]): Promise<void> {
  await side.prepare();
  for (const operation of OPERATIONS) {
    const work = side.operations[operation];
    if (!work) continue;
    const start = performance.now();
    await work();
    (seconds[operation] ??= []).push((performance.now() - start) / 1000);
  }
}
