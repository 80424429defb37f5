import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Outcome, run } from "./checkout.ts";

/** The formats of `export` that are programs. */
export const SNIPPETS = ["curl", "httpie", "node", "python", "go", "java"];

/** Runs what `export` printed as its reader would: a source is saved and run as its first line says, the rest is typed. */
export function runSnippet(text: string, folder: string): Promise<Outcome> {
  const [, command, file] = /^(?:#|\/\/) (\w+ (?:run )?(whoami\.\w+))/i.exec(text) ?? [];
  if (file !== undefined) writeFileSync(join(folder, file), text);
  const env = { ...process.env, HTTPIE_CONFIG_DIR: folder };
  return run("sh", ["-c", command ?? text], folder, env);
}
