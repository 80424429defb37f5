import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";
import { openEngine, operate } from "./engine.ts";
import { readStack } from "./stack.ts";

/** `pulumi`: the engine itself on the lab's state, for what has no verb of its own (refresh, stack output, logs …). */
export async function pulumi(args: string[], options: { stack: string }): Promise<void> {
  const stack = await readStack(options.stack);
  const { env } = await setUp({ docker: false });
  if ((await operate(await openEngine(stack, env), args)) !== 0)
    throw new Failure(`pulumi ${args[0]} failed, see above`);
}
