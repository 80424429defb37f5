import { readdirSync, readFileSync } from "node:fs";

/** Those that are looked at by themselves, by a part of their command line. */
const WATCHED = { program: "@pulumi/pulumi/cmd/run", provider: "provider/main." };
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
    const every = processesOf(mark);
    const program = every.filter(({ commandLine }) => commandLine.includes(WATCHED.program));
    const provider = every.filter(({ commandLine }) => commandLine.includes(WATCHED.provider));
    for (const [name, processes] of Object.entries({ program, provider, both: [...program, ...provider], every })) {
      const now = sum(processes);
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

interface Process extends Memory {
  commandLine: string;
}

/** Every process that has the mark: engine, language host and all plugins. */
function processesOf(mark: string): Process[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return [];
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const sizes = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return [{ commandLine, rss: megabytes(sizes, "Rss"), pss: megabytes(sizes, "Pss") }];
    } catch {
      return []; // ended
    }
  });
}

function sum(processes: Memory[]): Memory {
  const total = (key: keyof Memory) => processes.reduce((all, process) => all + process[key], 0);
  return { rss: total("rss"), pss: total("pss") };
}

function megabytes(sizes: string, name: string): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(sizes) ?? [];
  return Math.round(Number(kilobytes ?? 0) / 1000);
}
