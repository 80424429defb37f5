import Table from "cli-table3";

import { Failure } from "../toolchain/failure.ts";
import { inspect } from "../toolchain/inspect.ts";
import { containerName } from "./container.ts";
import { readStack } from "./stack.ts";

/** `doctor`: what the machine has and lacks for a stack, and what mends it. Changes nothing. */
export async function doctor(options: { stack: string; json?: true }): Promise<void> {
  const stack = await readStack(options.stack);
  const { image, bindAddress, httpPort, httpsPort } = stack.config;
  const findings = await inspect({
    image,
    container: containerName(stack),
    bindAddress,
    ports: { httpPort, httpsPort },
  });

  if (options.json) console.log(JSON.stringify(findings, undefined, 2));
  else {
    const table = new Table({ head: ["", "need", "found", "mend"], style: { head: [], border: [] } });
    for (const { ok, name, found, mend } of findings) table.push([ok ? "ok" : "lacks", name, found, mend ?? ""]);
    console.log(table.toString());
  }
  const missing = findings.filter(({ ok }) => !ok).map(({ name }) => name);
  if (missing.length > 0) throw new Failure(`this machine lacks: ${missing.join(", ")}`);
}
