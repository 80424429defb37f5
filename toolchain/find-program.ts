import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program on PATH; `undefined`: it is on none of its folders. */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
