import type { PeakMemory } from "./memory.ts";
import { OPERATIONS, type Operation } from "./sides.ts";

/** Seconds of every round, by side and operation. */
export type Seconds = Record<string, Partial<Record<Operation, number[]>>>;

/** What one run of the benchmark found. */
export interface Report {
  rounds: number;
  /** Median, least and most, in seconds. */
  seconds: Record<string, Partial<Record<Operation, { median: number; min: number; max: number }>>>;
  /** Median of the lab in relation to the empty program's. */
  ratios: Partial<Record<Operation, number>>;
  peakMemory: PeakMemory;
}

/** Sums up the rounds. */
export function report(rounds: number, measured: Seconds, peakMemory: PeakMemory): Report {
  const seconds = Object.fromEntries(
    Object.entries(measured).map(([side, operations]) => [
      side,
      Object.fromEntries(Object.entries(operations).map(([operation, values]) => [operation, summary(values)])),
    ]),
  ) as Report["seconds"];
  const ratios = Object.fromEntries(
    OPERATIONS.flatMap((operation) => {
      const [lab, empty] = [seconds.lab?.[operation], seconds["empty program"]?.[operation]];
      return lab && empty ? [[operation, round(lab.median / empty.median)]] : [];
    }),
  );
  return { rounds, seconds, ratios, peakMemory };
}

/** The report as a Markdown table. */
export function markdown({ rounds, seconds, ratios, peakMemory }: Report): string {
  const sides = Object.keys(seconds);
  const cell = (side: string, operation: Operation) => {
    const found = seconds[side]?.[operation];
    return found ? `${found.median.toFixed(2)} (${found.min.toFixed(2)}-${found.max.toFixed(2)})` : "-";
  };
  return [
    `Seconds, median (least-most) of ${rounds} alternating rounds.`,
    "",
    `| operation | ${sides.join(" | ")} | lab / empty program |`,
    `|---|${sides.map(() => "---|").join("")}---|`,
    ...OPERATIONS.map((operation) => {
      const cells = sides.map((side) => cell(side, operation)).join(" | ");
      return `| ${operation} | ${cells} | ${ratios[operation]?.toFixed(2) ?? "-"} |`;
    }),
    "",
    `Peak memory of a first up in MB, resident (proportional): ${Object.entries(peakMemory)
      .map(([name, { rss, pss }]) => `${name} ${rss} (${pss})`)
      .join(", ")}.`,
  ].join("\n");
}

function summary(values: number[]): { median: number; min: number; max: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median: round(median), min: round(sorted[0]!), max: round(sorted.at(-1)!) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
