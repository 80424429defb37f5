/** A version of a site as a tar file, which is how files go into a container and out of it. Load it with `await import(...)`. */
import { join, relative } from "node:path";

import { create, Parser, type ReadEntry } from "tar";

import { type Digests, digestOf, filesBelow, sortedByPath } from "./files.ts";

/**
 * Packs a version, with the modes and owners that its files have on disk, for the root of a container. The directory itself goes with
 * it: a volume that is new is root's, and shall be the site's owner's.
 *
 * @param mountPath where the directory is in the container.
 * @param name of the version there.
 */
export async function archiveOf(
  directory: string,
  version: string,
  mountPath: string,
  name = version,
): Promise<Buffer> {
  const files = await filesBelow(`${directory}/${version}`);
  const folders = new Set(files.flatMap(foldersAbove));
  const paths = [".", version, ...[...folders, ...files].map((path) => `${version}/${path}`)];
  const archive = create(
    {
      cwd: directory,
      noDirRecurse: true, // other versions and links lie beside it
      onWriteEntry: (entry) => (entry.path = join(relative("/", mountPath), entry.path.replace(version, name))),
    },
    paths,
  );
  return archive.concat();
}

/** What an archive of a whole site holds. */
export interface Archived {
  /** The version that `current` leads to; empty: none. */
  version: string;
  /** All versions, by number. */
  numbers: number[];
  /** The files of the version in force, by their path in it. */
  published: Digests;
}

/** Reads what Docker's archive of a site's directory holds; the contents are hashed and not kept. */
export async function readArchive(archive: NodeJS.ReadableStream): Promise<Archived> {
  const files: Record<string, string> = {};
  const numbers = new Set<number>();
  let version = "";
  const reading: Promise<void>[] = [];
  const parser = new Parser({
    onReadEntry(entry: ReadEntry) {
      // All are below the name of the directory itself.
      const path = entry.path.slice(entry.path.indexOf("/") + 1);
      const [, number] = /^v(\d+)\//.exec(path) ?? [];
      if (number) numbers.add(Number(number));
      if (path === "current") version = entry.linkpath ?? "";
      if (entry.type !== "File") return void entry.resume();
      reading.push(entry.concat().then((content) => void (files[path] = digestOf(content, (entry.mode ?? 0) & 0o777))));
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on("end", resolve).on("error", reject);
    archive.on("error", reject).on("data", (chunk: Buffer) => parser.write(chunk));
    archive.on("end", () => parser.end());
  });
  await Promise.all(reading);
  const inForce = Object.entries(files).filter(([path]) => path.startsWith(`${version}/`));
  const published = inForce.map(([path, digest]) => [path.slice(version.length + 1), digest] as const);
  return {
    version,
    numbers: [...numbers].sort((a, b) => a - b),
    published: sortedByPath(published),
  };
}

function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
