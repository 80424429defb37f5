import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/** Where a folder is or will be: the nearest one that exists, and the bytes that this user may still write there. */
export function freeSpace(folder: string): { folder: string; bytes: number } {
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return { folder, bytes: bavail * bsize };
}

/** For example `6.0 GB`. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
