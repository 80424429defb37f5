/**
 * Files with a content and a mode: written so that a reader sees the old or the new one, never a part. What does not
 * wait for a disk is called synchronously: the other way costs ten times as much, and there may be thousands of files.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fdatasync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { promisify } from "node:util";

import type { FileOwner, FileToPublish } from "../rules/file.ts";
import { isKnown, type Problem, type Properties } from "./resource-type.ts";

/** One file to publish, all of it known. */
export type FileInput = FileToPublish<string>;

/** Mode and SHA-256 of a file by its path: enough to see any change, and no secret. */
export type Digests = Record<string, string>;

const flush = promisify(fdatasync);

const SEGMENT = /^(?!\.{1,2}$)[\w.@+-]+$/;

/** Every path that could leave its directory, and every mode that is no mode. */
export function fileProblems(files: Record<string, FileInput>): Problem[] {
  return Object.entries(files).flatMap(([path, { mode }]) => [
    ...(path.split("/").every((segment) => SEGMENT.test(segment))
      ? []
      : [
          { property: `files["${path}"]`, reason: "must be a relative path of letters, digits and ._@+- without '..'" },
        ]),
    ...(/^0[0-7]{3}$/.test(mode)
      ? []
      : [{ property: `files["${path}"].mode`, reason: `must be octal like 0600, got '${mode}'` }]),
  ]);
}

/** Everything wrong with a directory and the files that are to be in it, as far as they are known. */
export function publicationProblems({ directory, files }: Properties): Problem[] {
  const problems = isKnown(files) ? fileProblems(files as Record<string, FileInput>) : [];
  // A relative one would be another one wherever the plugin is started.
  if (!isKnown(directory) || isAbsolute(directory as string)) return problems;
  return [{ property: "directory", reason: `must be an absolute path, got '${String(directory)}'` }, ...problems];
}

/** What {@link digestsAt} would find after the files were written. */
export function digestsOf(files: Record<string, FileInput>): Digests {
  return sortedByPath(
    Object.entries(files).map(([path, file]) => [path, digestOf(bytesOf(file), Number.parseInt(file.mode, 8))]),
  );
}

/** Mode and content of the files that are there now; missing ones are left out. */
export function digestsAt(directory: string, paths: string[]): Digests {
  const found = paths.map((path) => [path, digestAt(join(directory, path))] as const);
  return sortedByPath(found.filter(([, digest]) => digest));
}

/** In the order in which {@link sameDigests} compares them. */
export function sortedByPath(digests: (readonly [path: string, digest: string])[]): Digests {
  return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Paths of everything below a directory that is no directory itself; empty when there is no such directory. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

/** Whether nothing has to be written. Digests are sorted by path. */
export function sameDigests(a: Digests, b: Digests): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Writes one file beside its place, flushes it and renames it; what fails leaves nothing beside. Missing directories are
 * made with mode 0700.
 */
export async function writeFileAtomically(path: string, file: FileInput, owner?: FileOwner): Promise<void> {
  makeDirectory(dirname(path), owner);
  const temporary = temporaryFor(path);
  makeRoom(temporary); // a killed run may have left one
  try {
    await writeFlushed(temporary, file, owner);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  takePlace(path);
}

async function writeFlushed(path: string, file: FileInput, owner?: FileOwner): Promise<void> {
  const mode = Number.parseInt(file.mode, 8);
  const descriptor = openSync(path, "wx", mode);
  try {
    fchmodSync(descriptor, mode); // the umask may have taken bits away
    if (owner) fchownSync(descriptor, owner.uid, owner.gid);
    writeFileSync(descriptor, bytesOf(file));
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Where a file is written before it takes its place. */
export function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`);
}

/** Gives the file or link at {@link temporaryFor} its place, or removes it. An empty directory there makes room. */
export function takePlace(path: string): void {
  const temporary = temporaryFor(path);
  try {
    if (isDirectory(path)) makeRoom(path);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Removes a file, a link or an empty directory. */
export function makeRoom(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!isDirectory(path)) throw error;
    try {
      rmdirSync(path);
    } catch {
      throw new Error(`${path} is a folder: remove it`); // what is in it may be somebody's
    }
  }
}

/** Removes a file or link, and what a killed run left of writing it. A directory is none of ours. */
export function removeFile(path: string): void {
  for (const one of [path, temporaryFor(path)]) if (!isDirectory(one)) rmSync(one, { force: true });
}

/** Makes a directory with mode 0700 unless it is there. */
export function makeDirectory(path: string, owner?: FileOwner): void {
  const first = makeAll(path);
  if (!first) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    chmodSync(made, 0o700); // the umask may have taken bits away
    if (owner) chownSync(made, owner.uid, owner.gid);
  }
}

/** Returns the first one that it has made. */
function makeAll(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    let there = path;
    while (!entryAt(there)) there = dirname(there);
    if (existsSync(there) && statSync(there).isDirectory()) throw error;
    throw new Error(`${there} is a ${existsSync(there) ? "file" : "link that leads nowhere"}: remove it`);
  }
}

/** Names a directory itself, not its path: another one after it was removed and made again. Empty: there is none. */
export async function directoryIdentity(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isDirectory() ? `${found.ino}-${found.birthtimeNs}` : "";
}

function bytesOf({ content, encoding = "utf8" }: FileInput): Buffer {
  return Buffer.from(content, encoding);
}

/** Whether it is a directory itself, and no link to one. */
function isDirectory(path: string): boolean {
  return entryAt(path)?.isDirectory() ?? false;
}

/** What has this path, be it a link. Undefined: nothing. */
function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a file is where a directory should be
  }
}

function digestAt(path: string): string {
  try {
    const found = lstatSync(path);
    return digestOf(found.isFile() ? readFileSync(path) : Buffer.from("not a file"), found.mode & 0o777);
  } catch {
    return ""; // missing
  }
}

/** What {@link Digests} have of one file. */
export function digestOf(content: Buffer, mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")} ${createHash("sha256").update(content).digest("hex")}`;
}
