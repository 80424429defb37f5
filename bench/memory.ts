import { readdirSync, readFileSync } from "node:fs";

/** The processes whose memory counts, by a part of their command line; every one is engine, language host and all plugins. */
const WATCHED = { program: "@pulumi/pulumi/cmd/run", provider: "provider/main.", every: "" };
const POLL_MS = 20;

/** Megabytes of processes, at their peak. */
export interface Memory {
  /** Resident set size: pages that processes share (Node's own binary) count for each of them. */
  rss: number;
  /** Proportional set size: a shared page counts once, divided among those that share it (proc_pid_smaps(5)). */
  pss: number;
}

/** Peaks of the program, of our provider, of both at the same time, and of every process of the update. */
export type PeakMemory = Record<"program" | "provider" | "both" | "every", Memory>;

/**
 * Watches the memory while the work runs.
 *
 * @param mark a text in the environment of the processes that count.
 */
export async function peakMemory(mark: string, work: () => Promise<void>): Promise<PeakMemory> {
  const nothing = (): Memory => ({ rss: 0, pss: 0 });
  const peak: PeakMemory = { program: nothing(), provider: nothing(), both: nothing(), every: nothing() };
  const timer = setInterval(() => {
    const program = memoryOf(WATCHED.program, mark);
    const provider = memoryOf(WATCHED.provider, mark);
    const both = { rss: program.rss + provider.rss, pss: program.pss + provider.pss };
    for (const [name, now] of Object.entries({ program, provider, both, every: memoryOf(WATCHED.every, mark) })) {
      const highest = peak[name as keyof PeakMemory];
      highest.rss = Math.max(highest.rss, now.rss);
      highest.pss = Math.max(highest.pss, now.pss);
    }
  }, POLL_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

function memoryOf(commandLine: string, mark: string): Memory {
  const sum = { rss: 0, pss: 0 };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(commandLine)) continue;
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) continue;
      const sizes = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      sum.rss += megabytes(sizes, "Rss");
      sum.pss += megabytes(sizes, "Pss");
    } catch {
      continue; // ended
    }
  }
  return sum;
}

function megabytes(sizes: string, name: string): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(sizes) ?? [];
  return Math.round(Number(kilobytes ?? 0) / 1000);
}
