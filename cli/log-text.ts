/** Entries of the log as text for people. Pure. */
import type { LogEntry, RequestEntry } from "./log-entries.ts";

/** How a part of a line looks on a terminal: names of node:util's `styleText`. */
export type Style = "dim" | "green" | "cyan" | "yellow" | "red";

/** Where the text is shown. */
export interface Display {
  /** Puts a style on a text; in a pipe it leaves the text as it is. */
  paint: (style: Style, text: string) => string;
  /** Columns that a sentence may take; in a pipe as many as it needs. */
  width: number;
}
type Paint = Display["paint"];

/** One line for what happened and, where they are known, its cause and its cure below. */
export function asText(entry: LogEntry, { paint, width }: Display): string {
  const time = paint("dim", `${entry.time.slice(0, 23)}Z`);
  const line = [time, ...partsOf(entry, paint)].filter((part) => part !== "").join("  ");
  if (entry.log === "output" || entry.cause === undefined || entry.cure === undefined) return line;
  const advice = { "    cause: ": entry.cause, "    cure:  ": entry.cure };
  const below = Object.entries(advice).map(
    ([title, text]) => paint("cyan", title) + wrapped(text, title.length, width),
  );
  return [line, ...below].join("\n");
}

/** A text in lines of whole words that fit beside its title. */
function wrapped(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && indent + longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** One line of JSON, in which a client's characters move no cursor either. */
export function asJson(entry: LogEntry): string {
  const unit = (code: string) => `\\u${code.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(entry).replace(UNSEEN, (character) => character.split("").map(unit).join(""));
}

function partsOf(entry: LogEntry, paint: Paint): string[] {
  if (entry.log === "output") return [visible(entry.message)];
  const request = visible(entry.request?.replace(/ HTTP\/[\d.]+$/, "") ?? "");
  const client = paint("dim", entry.client ?? "");
  if (entry.log === "error") {
    return [paint(levelStyle(entry.level), entry.level), visible(entry.message), request, client];
  }
  const { status, protocol } = entry;
  return [paint(statusStyle(status), `${status}`), request || "no request", whoIn(entry), protocol || "no TLS", client];
}

/** Who a request is from, by its certificate. */
function whoIn({ verify, subject }: RequestEntry): string {
  if (verify === "") return "";
  if (verify === "NONE") return "no certificate";
  return verify === "SUCCESS" ? visible(subject) : `${visible(subject)} (${visible(verify)})`;
}

function statusStyle(status: number): Style {
  if (status >= 500) return "red";
  if (status >= 400) return "yellow";
  return status >= 300 ? "cyan" : "green";
}

function levelStyle(level: string): Style {
  if (level === "info" || level === "notice" || level === "debug") return "dim";
  return level === "warn" ? "yellow" : "red";
}

/** Control characters, and those that change the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A client chooses what is in its request and in its certificate: it must not be able to write to the terminal. */
function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\x{${character.codePointAt(0)!.toString(16)}}`);
}
