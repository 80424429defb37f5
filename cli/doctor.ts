import Table from "cli-table3";

import { Failure } from "../toolchain/failure.ts";
import { type Finding, inspect } from "../toolchain/inspect.ts";
import type { Holder } from "../toolchain/port.ts";
import { isHeldByUs, takenName } from "./container.ts";
import { readStack } from "./stack.ts";

/** `doctor`: what the machine has and lacks for a stack, and what mends it. Changes nothing; bootstrap has got the npm packages. */
export async function doctor(options: { stack: string; json?: true }): Promise<void> {
  const stack = await readStack(options.stack);
  const { name, config } = stack;
  const { image, bindAddress, httpPort, httpsPort } = config;
  const isOwn = (port: number, holder: Holder) => isHeldByUs(stack, port, holder);
  const site = { image, isOwn, bindAddress, ports: { httpPort, httpsPort } };
  const machine = await inspect(`npm run up -- --stack ${name}`, config.deploy === "none" ? undefined : site);
  const taken = config.deploy === "none" ? undefined : await takenName(stack);
  const findings: Finding[] = taken
    ? [
        ...machine,
        { name: "Container name", ok: false, found: taken, mend: `npm run down -- --stack ${name} in that checkout` },
      ]
    : machine;

  if (options.json) console.log(JSON.stringify(findings, undefined, 2));
  else {
    const table = new Table({ head: ["", "need", "found", "mend"], style: { head: [], border: [] } });
    for (const { ok, name, found, mend } of findings) table.push([ok ? "ok" : "lacks", name, found, mend ?? ""]);
    console.log(table.toString());
  }
  const missing = findings.filter(({ ok }) => !ok).map(({ name }) => name);
  if (missing.length > 0) throw new Failure(`this machine lacks: ${missing.join(", ")}`);
}
