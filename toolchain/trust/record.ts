import { rmSync } from "node:fs";
import { join } from "node:path";

import { readJson, writeJson } from "../json-file.ts";
import { STORE_KINDS, type StoreKind } from "./store.ts";

/** Whose certificate it is. */
export interface Owner {
  /** Folder of the checkout. */
  readonly checkout: string;
  readonly stack: string;
}

/** One certificate that we put into one store, so that exactly that can be taken out again. */
export interface TrustedEntry extends Owner {
  readonly store: StoreKind;
  /** The store's folder or file. */
  readonly place: string;
  /** Its name there: a file, a nickname or an alias. */
  readonly entry: string;
  /** Of the certificate's DER; lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * What is on record; nothing where the record is missing or cannot be read.
 *
 * @param owner whose entries are wanted. @default - everybody's
 */
export function readTrusted(cache: string, owner?: Owner): TrustedEntry[] {
  const entries = readJson(recordIn(cache));
  const isWanted = ({ checkout, stack }: Owner) =>
    owner === undefined || (checkout === owner.checkout && stack === owner.stack);
  return Array.isArray(entries) ? entries.filter(isEntry).filter(isWanted) : [];
}

/** Puts an entry on record; one that is there already stays there once. */
export function recordTrusted(cache: string, entry: TrustedEntry): void {
  write(cache, [...readTrusted(cache).filter((other) => !isSame(other, entry)), entry]);
}

/** Takes an entry off the record. */
export function forgetTrusted(cache: string, entry: TrustedEntry): void {
  write(
    cache,
    readTrusted(cache).filter((other) => !isSame(other, entry)),
  );
}

function write(cache: string, entries: TrustedEntry[]): void {
  if (entries.length === 0) rmSync(recordIn(cache), { force: true });
  else writeJson(recordIn(cache), entries);
}

function isSame(one: TrustedEntry, other: TrustedEntry): boolean {
  return one.store === other.store && one.place === other.place && one.entry === other.entry;
}

function isEntry(value: unknown): value is TrustedEntry {
  const { checkout, stack, store, place, entry, sha256 } = (value ?? {}) as Partial<TrustedEntry>;
  return (
    [checkout, stack, place, entry].every((text) => typeof text === "string" && text !== "") &&
    STORE_KINDS.some((kind) => kind === store) &&
    /^[0-9a-f]{64}$/.test(sha256 ?? "")
  );
}

function recordIn(cache: string): string {
  return join(cache, "trusted.json");
}
