import { readFileSync } from "node:fs";

import { pids } from "../toolchain/process-identity.ts";

/** Environment variable that marks every process of one run of the engine. */
export const RUN = "MTLS_LAB_RUN";

/** Ends what an engine that was killed has left running: its plugins do not notice. Linux only: elsewhere they stay. */
export function endOrphans(run: string): void {
  if (process.platform !== "linux") return;
  for (const pid of pids().filter((candidate) => environmentOf(candidate).includes(`${RUN}=${run}`))) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      continue; // ended by itself
    }
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return []; // ended, or another user's
  }
}
