import { readdirSync, readFileSync } from "node:fs";

/** One run of one process. A pid alone is not enough: the kernel gives it to another process later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process (proc(5), field 22 of `stat`). */
  readonly startTime: string;
  /** Changes with every boot of the machine. */
  readonly bootId: string;
}

/** Who has this pid now, or `undefined` if nobody (or a process that has ended and is not yet reaped). */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return process.platform === "linux" ? undefined : identifyByPid(pid);
  // The second field is the command in parentheses, and may itself hold spaces and parentheses.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = fields[18];
  if (state === "Z" || startTime === undefined) return undefined;
  return { pid, startTime, bootId: bootId() };
}

/** Where there is no /proc the pid must do. */
function identifyByPid(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  return { pid, startTime: "", bootId: "" };
}

/** Whether the very process that was identified still runs. */
export function stillRuns({ pid, startTime, bootId }: ProcessIdentity): boolean {
  const now = identify(pid);
  return now !== undefined && now.startTime === startTime && now.bootId === bootId;
}

/** The arguments of a process, the program first; empty if there is no such process. */
export function argumentsOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`)?.split("\0").slice(0, -1) ?? [];
}

/** Every pid there is just now. */
export function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The processes that this one started and that still run. */
export function childrenOf(pid: number): number[] {
  return pids().filter((child) => Number(/\) \S (\d+) /.exec(read(`/proc/${child}/stat`) ?? "")?.[1]) === pid);
}

/** The kernel's name for this boot of the machine. */
export function bootId(): string {
  return read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
