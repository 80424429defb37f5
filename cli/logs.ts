import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";

import { Failure } from "../toolchain/failure.ts";
import { entryOf, inOrder, type LogEntry, type LogLine } from "./log-entries.ts";
import { linesIn } from "./log-lines.ts";
import { type LogSource, logSource } from "./log-source.ts";
import { asJson, asText, type Display } from "./log-text.ts";
import { readStack } from "./stack.ts";

/** Options of `logs`, as they are typed. */
export interface LogsOptions {
  stack: string;
  follow?: true;
  tail?: string;
  since?: string;
  json?: true;
}

/** What Docker is asked for in any case. */
const ALL = { stdout: true, stderr: true, timestamps: true } as const;
/** Entries that come are held for so long, to be put in order with those of the other stream. */
const HELD_MS = 50;

/**
 * `logs`: what nginx has written, requests and errors together, each refusal with its cause and its cure. With `--follow` until
 * the container ends or the user interrupts.
 */
export async function logs(options: LogsOptions): Promise<void> {
  const tail = tailOf(options.tail);
  const since = sinceOf(options.since, Date.now());
  const stack = await readStack(options.stack);
  const source = await logSource(stack);
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const interrupt = new AbortController();
  if (options.follow) process.once("SIGINT", () => interrupt.abort()).once("SIGTERM", () => interrupt.abort());
  const display = displayOf(process.stdout);
  const print = (entry: LogEntry) => console.log(options.json ? asJson(entry) : asText(entry, display));

  const asked = Date.now();
  const { entries, end } = await past(source, since, tail);
  entries.forEach(print);

  if (!options.follow) return;
  await follow(source, tail === 0 ? unixTime(asked) : end, interrupt.signal, print);
}

/** The last entries since a moment, and the moment that comes after them. */
async function past(source: LogSource, since: string, tail = Infinity): Promise<{ entries: LogEntry[]; end: string }> {
  // A request has two lines in the access log, and others may be no entry at all.
  for (let count = 4 * tail; ; count *= 4) {
    const range = { since, ...(Number.isFinite(count) ? { tail: count } : {}) };
    const lines: LogLine[] = [];
    let isShortened = false;
    for (const part of source.parts) {
      const before = lines.length;
      for await (const line of linesIn([await part.logs({ ...ALL, ...range, follow: false })])) lines.push(line);
      isShortened ||= lines.length - before >= count;
    }
    const entries = inOrder(lines.flatMap((line) => entryOf(line) ?? []));
    if (entries.length < tail && isShortened) continue;
    return { entries: entries.slice(Math.max(0, entries.length - tail)), end: afterAll(lines, since) };
  }
}

/** Prints what comes from a moment on. */
async function follow(
  source: LogSource,
  since: string,
  abortSignal: AbortSignal,
  print: (entry: LogEntry) => void,
): Promise<void> {
  const held: LogEntry[] = [];
  const flush = () => inOrder(held.splice(0)).forEach(print);
  try {
    const stream = await source.whole.logs({ ...ALL, since, follow: true, abortSignal });
    for await (const line of linesIn(stream as unknown as AsyncIterable<Buffer>)) {
      const entry = entryOf(line);
      if (entry === undefined) continue;
      if (held.length === 0) void sleep(HELD_MS).then(flush);
      held.push(entry);
    }
    console.error("The container has ended.");
  } catch (error) {
    if (!abortSignal.aborted) throw error;
  }
  flush();
}

/** The moment after the last of some lines, as Docker takes it; `since` where there are none. */
function afterAll(lines: LogLine[], since: string): string {
  const last = lines
    .map(({ time }) => time)
    .sort()
    .at(-1); // ISO 8601 of one length
  if (last === undefined) return since;
  const nanoseconds = (BigInt(Date.parse(last)) / 1000n) * 1_000_000_000n + BigInt(last.slice(20, -1)) + 1n;
  return `${nanoseconds / 1_000_000_000n}.${`${nanoseconds % 1_000_000_000n}`.padStart(9, "0")}`;
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `--since` as Docker takes it: Unix seconds. */
function sinceOf(text: string | undefined, now: number): string {
  if (text === undefined) return "0";
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return unixTime(now - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]);
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(moment)) {
    throw new Failure(
      `--since must be a time ago like 10m (s, m, h, d) or a moment like 2030-01-31T00:00:00Z, got ${text}`,
      2,
    );
  }
  return unixTime(moment);
}

function unixTime(milliseconds: number): string {
  return `${Math.floor(milliseconds / 1000)}.${`${milliseconds % 1000}`.padStart(3, "0")}`;
}

function tailOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new Failure(`--tail must be a whole number like 20, got ${text}`, 2);
}

/** Colours and breaks are for terminals; where colours are not wanted, breaks only (https://no-color.org). */
function displayOf(output: NodeJS.WriteStream): Display {
  const inColour = output.isTTY && !process.env.NO_COLOR;
  return {
    paint: inColour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text,
    width: output.isTTY ? output.columns : Infinity,
  };
}
