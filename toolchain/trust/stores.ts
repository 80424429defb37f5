import { java } from "./java.ts";
import { nss } from "./nss.ts";
import type { StoreFamily, StoreKind } from "./store.ts";
import { system } from "./system.ts";

/** Every kind of store. The system's is first: where a distribution fills Java's from it, there is nothing left to do. */
export const STORES: Readonly<Record<StoreKind, StoreFamily>> = { system, nss, java };
