import { randomInt } from "node:crypto";

import type { Report } from "../bench/side.ts";
import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";

/** What is measured. */
export type What = "lab" | "pki" | "reload" | "sites" | "fuzz";

/** fast-check's seeds are 32-bit integers; those below zero are left out. */
const SEEDS = 2 ** 31;

export interface BenchOptions {
  rounds: number;
  clients: string;
  sites: string;
  requests: number;
  inputs: number;
  seed?: number;
  json?: true;
}

/**
 * `bench`: measures the lab against others, in one run, alternating; or finds out whether a change of a site loses a request, or
 * whether an input makes nginx.conf say what is not meant.
 */
export async function bench(what: What, options: BenchOptions): Promise<void> {
  const { rounds, requests, inputs, seed = randomInt(SEEDS), json } = options;
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Failure("--rounds must be a whole number of at least 1", 2);
  const clients = counts("--clients", options.clients, 2);
  const sites = counts("--sites", options.sites, 1);
  if (!(Number.isInteger(requests) && requests > 0)) {
    throw new Failure("--requests must be a whole number of at least 1", 2);
  }
  if (!(Number.isInteger(inputs) && inputs > 0)) throw new Failure("--inputs must be a whole number of at least 1", 2);
  if (!(Number.isInteger(seed) && seed >= 0 && seed < SEEDS)) {
    throw new Failure(`--seed must be a whole number from 0 to ${SEEDS - 1}`, 2);
  }
  const { env } = await setUp({ docker: true, image: "nginx:stable" });
  const measure: Record<What, () => Promise<Report>> = {
    lab: async () => (await import("../bench/lab.ts")).lab({ rounds, env }),
    pki: async () => (await import("../bench/pki.ts")).pki({ rounds, clients, env }),
    reload: async () => (await import("../bench/reload.ts")).reload({ requests }),
    sites: async () => (await import("../bench/sites.ts")).sites({ rounds, sites }),
    fuzz: async () => (await import("../bench/fuzz.ts")).fuzz({ inputs, seed }),
  };
  const found = await measure[what]();
  console.log(json ? JSON.stringify(found.json, undefined, 2) : found.markdown);
  if (found.failed) throw new Failure(`${found.failed}, see above`);
}

/** Several numbers in one option. */
function counts(option: string, text: string, min: number): number[] {
  const numbers = text.split(",").map(Number);
  if (numbers.every((count) => Number.isInteger(count) && count >= min)) return numbers;
  throw new Failure(`${option} must be whole numbers of at least ${min} like 10,100, got ${text}`, 2);
}
