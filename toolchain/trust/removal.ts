/** Certificates that we put into stores, and how they get out again. */
import { causeOf } from "../failure.ts";
import { perform } from "./command.ts";
import { forgetTrusted, type TrustedEntry } from "./record.ts";
import type { Machine, TrustStore } from "./store.ts";
import { STORES } from "./stores.ts";

/** One entry of the record, and how it stands. */
export interface Removal {
  readonly record: TrustedEntry;
  /** Missing where it is gone, or cannot be reached. */
  readonly store?: TrustStore;
  /** `gone`: somebody else has removed it, or its store. */
  readonly state: "trusted" | "gone" | "removed" | "failed";
  /** Why it failed. */
  readonly error?: string;
}

/** Looks at the stores of what is on record. Changes nothing. */
export async function planUntrust(records: readonly TrustedEntry[], machine: Machine): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const record of records) removals.push(await look(record, machine));
  return removals;
}

async function look(record: TrustedEntry, machine: Machine): Promise<Removal> {
  try {
    const store = await STORES[record.store].at(record.place, machine);
    if (store === undefined || !(await isThere(store, record))) return { record, state: "gone" };
    return { record, store, state: "trusted" };
  } catch (error) {
    return { record, state: "failed", error: causeOf(error) };
  }
}

/** Takes an entry out of its store, and off the record. */
export async function removeTrust(removal: Removal, cache: string): Promise<Removal> {
  const { store, record, state } = removal;
  try {
    if (state === "failed") return removal;
    // Something else under the same name is not ours.
    if (store !== undefined && (await isThere(store, record))) {
      for (const command of store.toRemove(record.entry, record.sha256)) await perform(command);
      if (await store.holds(record.entry, record.sha256)) throw new Error("it was removed, and yet is there");
    }
    forgetTrusted(cache, record);
    return { ...removal, state: state === "gone" ? "gone" : "removed" };
  } catch (error) {
    return { ...removal, state: "failed", error: causeOf(error) };
  }
}

// The system's store is changed in steps: a run that was killed between them left it without the entry, and trusting.
async function isThere(store: TrustStore, { entry, sha256 }: TrustedEntry): Promise<boolean> {
  return (await store.holds(entry, sha256)) || (store.kind === "system" && (await store.isTrusted(sha256)));
}
