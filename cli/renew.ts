import { certificateNames } from "../lab/generations.ts";
import { Failure } from "../toolchain/failure.ts";
import { changeMap } from "./settings.ts";
import { readStack, requireUp } from "./stack.ts";

import { up } from "./up.ts";

interface Options {
  stack: string;
  all?: true;
  due?: true;
}

/**
 * `renew`: issues certificates anew, with the same keys. Those that are due are renewed by any `up`; the others by the moment
 * that `renewed` in the stack's file names.
 */
export async function renew(names: string[], options: Options): Promise<void> {
  const stack = await readStack(options.stack);
  if ([names.length > 0, options.all, options.due].filter(Boolean).length !== 1) {
    throw new Failure("renew takes names, --all or --due, and one of these only: npm run renew -- alice", 2);
  }
  requireUp(stack);
  if (!options.due) {
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const asked = options.all ? certificateNames(stack.config) : names;
    await changeMap(stack, "renewed", Object.fromEntries(asked.map((name) => [name, now])));
  }
  await up(options);
}
