import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Type and mode of everything below a folder, and of itself as `.`: `d0700` a directory, `-0600` a file, `l` a link. */
export function modesIn(folder: string, path = "."): Record<string, string> {
  const mode = modeOf(join(folder, path));
  const names = mode.startsWith("d") ? readdirSync(join(folder, path)) : [];
  return names.reduce((modes, name) => ({ ...modes, ...modesIn(folder, join(path, name)) }), { [path]: mode });
}

function modeOf(path: string): string {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return "l";
  return `${found.isDirectory() ? "d" : "-"}0${(found.mode & 0o7777).toString(8).padStart(3, "0")}`;
}
