import { createInterface } from "node:readline/promises";

import { Failure } from "../toolchain/failure.ts";

/**
 * Goes on only where the user wants what was shown.
 *
 * @param yes whether that was said already, with `--yes`.
 * @param ask whether there may be a question at all: not where the output is for a program.
 * @throws {Failure} where the answer is no, and with exit code 2 where nobody can be asked.
 */
export async function consent({ yes, ask }: { yes?: boolean; ask: boolean }): Promise<void> {
  if (yes) return;
  if (!ask || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Failure("nothing was changed, for nobody can be asked here: add --yes to go ahead", 2);
  }
  if (!/^y(es)?$/i.test((await answer("Go ahead? [y/N] ")).trim())) throw new Failure("nothing was changed");
}

/** What is typed; nothing where the terminal is closed or the user interrupts. */
async function answer(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<undefined>((resolve) => terminal.once("close", () => resolve(undefined)));
  const typed = await Promise.race([terminal.question(question).catch(() => undefined), closed]);
  terminal.close();
  if (typed === undefined) console.log(); // the question's line is not ended
  return typed ?? "";
}
