import { rmSync } from "node:fs";
import { join } from "node:path";

import { Checkout, freePorts } from "../tests/checkout.ts";
import { program } from "./side.ts";

/** The lab, by the engine itself, in a copy of the checkout and on ports of its own. */
export async function labProgram(stack: string, env: NodeJS.ProcessEnv) {
  const checkout = new Checkout(stack);
  const [httpPort, httpsPort] = await freePorts(2);
  const configure = (settings: object) => checkout.configure({ httpPort, httpsPort, ...settings });
  configure({});
  const { prepare, operations } = program(checkout.root, join(checkout.root, "bench-state"), stack, env);
  return {
    checkout,
    configure,
    prepare,
    operations,
    close: async () => {
      await operations.down().catch(() => undefined); // it may be down already
      rmSync(checkout.root, { recursive: true, force: true });
    },
  };
}
