import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

import { Failure } from "./failure.ts";

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

/** Throws a {@link Failure} where fewer bytes are free than something needs; `what` begins the sentence. */
export function requireSpace(wanted: string, needed: number, what: string): void {
  const { folder, bytes } = freeSpace(wanted);
  if (bytes >= needed) return;
  throw new Failure(`${what} needs ${size(needed)} of disk, ${folder} has ${size(bytes)}: make room there`);
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.floor(bytes / 1e6)} MB` : gigabytes(bytes);
}
