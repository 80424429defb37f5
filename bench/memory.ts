import { readdirSync, readFileSync } from "node:fs";

/** The processes whose memory counts, by a part of their command line. */
const WATCHED = { program: "@pulumi/pulumi/cmd/run", provider: "provider/main." };
const POLL_MS = 20;

/**
 * Largest resident sizes in MB while the work runs, of the program, of our provider, and of both at the same time.
 *
 * @param mark a text in the environment of the processes that count.
 */
export async function peakMemory(
  mark: string,
  work: () => Promise<void>,
): Promise<{ program: number; provider: number; both: number }> {
  const peak = { program: 0, provider: 0, both: 0 };
  const timer = setInterval(() => {
    const now = {
      program: residentMegabytes(WATCHED.program, mark),
      provider: residentMegabytes(WATCHED.provider, mark),
    };
    peak.program = Math.max(peak.program, now.program);
    peak.provider = Math.max(peak.provider, now.provider);
    peak.both = Math.max(peak.both, now.program + now.provider);
  }, POLL_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

function residentMegabytes(commandLine: string, mark: string): number {
  const sizes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(commandLine)) return 0;
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return 0;
        return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
      } catch {
        return 0; // ended
      }
    });
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000);
}
