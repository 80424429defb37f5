/** What `trust` and `untrust` have in common. */
import { readFile } from "node:fs/promises";

import { cacheFolder, makeCache, setUpLock } from "../toolchain/cache.ts";
import { Failure } from "../toolchain/failure.ts";
import { withLock } from "../toolchain/lock.ts";
import type { Machine, StoreKind } from "../toolchain/trust/store.ts";

/** What both can be told. */
export interface TrustOptions {
  stack: string;
  /** @default - all of them */
  store?: StoreKind[];
  yes?: true;
  json?: true;
  javaStorepassFile?: string;
}

/** This machine and user. */
export async function machineFor({ javaStorepassFile }: TrustOptions): Promise<Machine> {
  if (javaStorepassFile !== undefined) {
    await readFile(javaStorepassFile).catch(() => {
      throw new Failure(`--java-storepass-file: ${javaStorepassFile} cannot be read`, 2);
    });
  }
  return { platform: process.platform, env: process.env, isRoot: process.getuid?.() === 0, javaStorepassFile };
}

/** The command that takes a stack's root out again. */
export function untrustCommand(stack: string): string {
  return `npm run untrust${stack === "dev" ? "" : ` -- --stack ${stack}`}`;
}

/** Does some work while no other run changes the machine. */
export function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const waiting = (pid: number) => console.error(`Another run changes this machine (pid ${pid}): waiting for it.`);
  const cache = cacheFolder();
  makeCache(cache);
  return withLock(setUpLock(cache), waiting, work);
}

/** Does the same to all, one after the other. */
export async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}
