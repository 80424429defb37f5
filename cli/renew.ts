import { certificateNames } from "../lab/generations.ts";
import { Failure } from "../toolchain/failure.ts";
import { withMap } from "./settings.ts";
import { PROJECT, readStack, requireUp } from "./stack.ts";
import { bringUp, up } from "./up.ts";

interface Options {
  stack: string;
  all?: true;
  due?: true;
}

/**
 * `renew`: issues certificates anew, with the same keys. Those that are due are renewed by any `up`; the others by the moment
 * that `renewed` in the stack's file names. The root only by its name: who trusts it has to be told.
 */
export async function renew(names: string[], options: Options): Promise<void> {
  const stack = await readStack(options.stack);
  if ([names.length > 0, options.all, options.due].filter(Boolean).length !== 1) {
    throw new Failure("renew takes names, --all or --due, and one of these only: npm run renew -- alice", 2);
  }
  if (names.includes("root") && stack.config.protectRoot) {
    throw new Failure(
      `the root CA of stack ${stack.name} is protected, and nothing was changed: ` +
        `to renew it, set ${PROJECT}:protectRoot to false in Pulumi.${stack.name}.yaml, and tell those who trust it`,
      2,
    );
  }
  requireUp(stack);
  // The engine goes by the protection in its state, which is only now taken away if the file has changed since.
  if (names.includes("root")) await up(options);
  if (options.due) return up(options);
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const asked = options.all ? certificateNames(stack.config).filter((name) => name !== "root") : names;
  await withMap(stack, "renewed", Object.fromEntries(asked.map((name) => [name, now])), () => bringUp(stack.name));
  console.log(`Renewed: ${asked.join(", ")}. When, is kept as ${PROJECT}:renewed in Pulumi.${stack.name}.yaml.`);
}
