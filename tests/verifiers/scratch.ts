import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes contents to files of these names in a new folder, which goes away after the work. */
export async function withFiles<T>(
  files: Record<string, string | Buffer>,
  work: (path: (name: string) => string) => T | Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mtls-lab-verifier-"));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await work((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}
