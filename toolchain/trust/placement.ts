/** Certificates in stores: how they stand there, and how they get in. */
import { causeOf } from "../failure.ts";
import { labelOf, type RootCertificate } from "./certificate.ts";
import { perform } from "./command.ts";
import { type Owner, recordTrusted, type TrustedEntry } from "./record.ts";
import { removeTrust } from "./removal.ts";
import type { Machine, StoreKind, TrustStore } from "./store.ts";
import { STORES } from "./stores.ts";

/** One certificate in one store. */
export interface Placement {
  readonly store: TrustStore;
  readonly certificate: RootCertificate;
  readonly record: TrustedEntry;
  /** `absent`: to be added. */
  readonly state: "trusted" | "absent" | "added" | "failed";
  /** Why it failed. */
  readonly error?: string;
}

/** What there is to do, before anything is done. */
export interface Plan {
  readonly placements: readonly Placement[];
  readonly skipped: readonly { readonly store: StoreKind; readonly reason: string }[];
}

/** Looks at the stores of some kinds. Changes nothing. */
export async function planTrust(
  certificates: readonly RootCertificate[],
  kinds: readonly StoreKind[],
  owner: Owner,
  machine: Machine,
): Promise<Plan> {
  const placements: Placement[] = [];
  const skipped: { store: StoreKind; reason: string }[] = [];
  for (const kind of kinds) {
    const search = await STORES[kind].find(machine);
    if (search.skipped !== undefined) skipped.push({ store: kind, reason: search.skipped });
    for (const store of search.stores) {
      for (const certificate of certificates) placements.push(await look(store, certificate, owner));
    }
  }
  return { placements, skipped };
}

async function look(store: TrustStore, certificate: RootCertificate, owner: Owner): Promise<Placement> {
  const { kind, place } = store;
  const { sha256 } = certificate;
  const entry = store.entryFor(labelOf(certificate, owner.stack));
  const record: TrustedEntry = { ...owner, store: kind, place, entry, sha256 };
  try {
    return { store, certificate, record, state: (await store.isTrusted(sha256)) ? "trusted" : "absent" };
  } catch (error) {
    return { store, certificate, record, state: "failed", error: causeOf(error) };
  }
}

/** Adds what is absent. What fails is taken back, so that a store trusts a certificate or knows nothing of it. */
export async function addTrust(placement: Placement, cache: string): Promise<Placement> {
  if (placement.state !== "absent") return placement;
  const { store, certificate, record } = placement;
  try {
    // A distribution may have filled this store from the system's; it empties it the same way.
    if (await store.isTrusted(record.sha256)) return { ...placement, state: "trusted" };
    recordTrusted(cache, record); // before it is done: a run that is killed meanwhile can be undone
    for (const command of store.toAdd(record.entry, certificate.pem)) await perform(command);
    if (!(await store.isTrusted(record.sha256))) throw new Error("it was added, and yet is not trusted");
    return { ...placement, state: "added" };
  } catch (error) {
    await removeTrust({ store, record, state: "trusted" }, cache);
    return { ...placement, state: "failed", error: causeOf(error) };
  }
}
