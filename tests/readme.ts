import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { parse } from "yaml";

/** The checkout's folder. */
export const SOURCES = resolve(import.meta.dirname, "..");

/** The text of a page of ours, by its path in the checkout. */
export function page(path: string): string {
  return readFileSync(resolve(SOURCES, path), "utf8");
}

/** The code of every fenced block in a language, in order. */
export function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, code = ""]) => code);
}

/** One command that a page tells its reader to type. */
export interface Command {
  text: string;
  /** HTTP status that the page says it gives: the comment in the line above. */
  httpStatus?: number;
}

/** Every command in a page's shell blocks, in order. */
export function commands(markdown: string): Command[] {
  const lines = blocks(markdown, "sh").flatMap((code) => code.trim().split("\n"));
  return lines.flatMap((text, index) => {
    if (text.startsWith("#")) return [];
    const said = /^# (\d{3})$/.exec(lines[index - 1] ?? "")?.[1];
    return [said === undefined ? { text } : { text, httpStatus: Number(said) }];
  });
}

/** What each of a page's YAML blocks sets in a stack's file, by the lab's keys. */
export function settingsIn(path: string): Record<string, unknown>[] {
  return blocks(page(path), "yaml").map((text) => {
    const { config } = parse(text) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("mtls-lab:", ""), value]));
  });
}
