/** What every benchmark has in common: sides that do the same operations, in alternating rounds. */
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { run } from "../tests/checkout.ts";

/** One way to do the work. An operation that it does not have is not measured. */
export interface Side<Operation extends string> {
  name: string;
  /** Done before a round, not measured. */
  prepare: () => Promise<void> | void;
  operations: Partial<Record<Operation, () => Promise<void>>>;
  /** Removes everything. */
  close: () => Promise<void> | void;
}

/** Seconds of every round, by operation. */
export type Seconds<Operation extends string> = Partial<Record<Operation, number[]>>;

/** Median, least and most, in seconds. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** What one run of a benchmark found, for programs and for people. */
export interface Report {
  json: object;
  markdown: string;
  /** What happened that must not happen. Left out or empty: nothing. */
  failed?: string;
}

/** One round of a side: every operation that it has, in order. */
export async function play<Operation extends string>(
  side: Side<Operation>,
  operations: readonly Operation[],
  seconds: Seconds<Operation>,
): Promise<void> {
  await side.prepare();
  for (const operation of operations) {
    const work = side.operations[operation];
    if (!work) continue;
    const start = performance.now();
    await work();
    const took = (performance.now() - start) / 1000;
    (seconds[operation] ??= []).push(took);
    process.stderr.write(`${side.name}: ${operation} ${took.toFixed(2)} s\n`);
  }
}

/** Sums up the rounds. */
export function summary(values: number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median: round(median), min: round(sorted[0]!), max: round(sorted.at(-1)!) };
}

/** To hundredths. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A cell of a table. */
export function cell(found: Summary | undefined): string {
  return found ? `${found.median.toFixed(2)} (${found.min.toFixed(2)}-${found.max.toFixed(2)})` : "-";
}

/** The lines of a Markdown table. */
export function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)];
}

/** What the engine is asked to do. */
export type EngineOperation = "up" | "unchanged up" | "preview" | "down";

/** The same flags for every side that is a Pulumi program. */
const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];
const PREVIEW = ["preview", "--suppress-outputs", "--non-interactive"];
const DESTROY = ["destroy", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];

/** A program whose engine is called directly, on a state of its own. */
export function program(folder: string, state: string, stack: string, env: NodeJS.ProcessEnv) {
  const own = {
    ...env,
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    NODE_NO_WARNINGS: "1",
  };
  const pulumi = (...args: string[]) => must("pulumi", args, folder, own);
  return {
    prepare: async () => {
      mkdirSync(state, { recursive: true });
      await pulumi("stack", "select", "--create", stack);
    },
    operations: {
      up: () => pulumi(...UP, "--stack", stack),
      "unchanged up": () => pulumi(...UP, "--expect-no-changes", "--stack", stack),
      preview: () => pulumi(...PREVIEW, "--expect-no-changes", "--stack", stack),
      down: () => pulumi(...DESTROY, "--stack", stack),
    } satisfies Record<EngineOperation, () => Promise<void>>,
  };
}

/** Runs a program. Throws with all that it printed if it fails. */
export async function must(command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<void> {
  const { status, stdout, stderr } = await run(command, args, cwd, env);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
}
