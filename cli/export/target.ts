import { lstat, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { causeOf, Failure } from "../../toolchain/failure.ts";

/** A path as the user means it: npm runs a script in the folder of package.json, wherever it was called. */
export function fromUser(path: string): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return script === "export" && folder !== undefined ? resolve(folder, path) : resolve(path);
}

/** Throws a {@link Failure} unless every file can be written without losing another one. */
export async function refuseTaken(files: string[], force: true | undefined): Promise<void> {
  for (const file of files) {
    const folder = dirname(file);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
      throw new Failure(`${folder} is no folder: make it, or choose another place with --out`);
    }
    const found = await lstat(file).catch(() => undefined);
    if (found?.isDirectory()) throw new Failure(`${file} is a folder: choose another place with --out`);
    if (found && !force) {
      throw new Failure(`${file} is there already: --force replaces it, --out chooses another place`);
    }
  }
}

/** Writes files that only the user may read, all or none. */
export async function writeSecretly(files: Record<string, string | Buffer>): Promise<void> {
  const written: [temporary: string, file: string][] = [];
  try {
    for (const [file, content] of Object.entries(files)) {
      const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`);
      written.push([temporary, file]);
      await writeFile(temporary, content, { mode: 0o600, flag: "wx" });
    }
    for (const [temporary, file] of written) await rename(temporary, file);
  } catch (error) {
    for (const [temporary] of written) await rm(temporary, { force: true }).catch(() => undefined); // never made
    throw new Failure(`nothing was written: ${causeOf(error)}`);
  }
}
