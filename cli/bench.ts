import type { Report } from "../bench/side.ts";
import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";

interface Options {
  rounds: number;
  clients: string;
  json?: true;
}

/** `bench`: measures the lab against others, in one run, alternating. */
export async function bench(what: "lab" | "pki", options: Options): Promise<void> {
  const { rounds, json } = options;
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Failure("--rounds must be a whole number of at least 1", 2);
  const clients = options.clients.split(",").map(Number);
  if (!clients.every((count) => Number.isInteger(count) && count >= 2)) {
    throw new Failure(`--clients must be whole numbers of at least 2 like 10,100,1000, got ${options.clients}`, 2);
  }
  const { env } = await setUp({ docker: true, image: "nginx:stable" });
  const found: Report =
    what === "pki"
      ? await (await import("../bench/pki.ts")).pki({ rounds, clients, env })
      : await (await import("../bench/lab.ts")).lab({ rounds, env });
  console.log(json ? JSON.stringify(found.json, undefined, 2) : found.markdown);
}
