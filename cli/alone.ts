import { cacheFolder, makeCache, stackLock } from "../toolchain/cache.ts";
import { isHeld, withLock } from "../toolchain/lock.ts";
import { packageRoot } from "../toolchain/package-root.ts";

/** Changes a stack while no other run does: of two, the second says that it waits for the first. */
export async function alone<T>(stack: string, work: () => Promise<T>): Promise<T> {
  makeCache(cacheFolder());
  const waiting = (pid: number) => console.error(`Another run changes stack ${stack} (pid ${pid}): waiting for it.`);
  return withLock(lockOf(stack), waiting, work);
}

/** Whether a run changes a stack just now. */
export function isChanging(stack: string): boolean {
  return isHeld(lockOf(stack));
}

function lockOf(stack: string): string {
  return stackLock(cacheFolder(), packageRoot, stack);
}
