import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Shows what a step is doing just now; each text replaces the last one. */
export type Report = (text: string) => void;

export interface RunOptions {
  readonly cwd?: string;
  /** @default - that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads from its standard input. */
  readonly input?: string;
  /** Receives every line that the program prints. */
  readonly report?: Report;
}

/**
 * Runs a program to its end and returns what it printed on standard output. It is ended when this process exits.
 *
 * @throws where it cannot be started or fails, with the last line that it printed as the cause.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { report, input = "", ...spawnOptions } = options;
  const child = spawn(program, args, { ...spawnOptions, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // ended without reading it: its exit code counts
  child.stdin.end(input);
  const end = () => child.kill();
  process.once("exit", end);
  let output = "";
  let lastLine = "";
  const read = async (stream: NodeJS.ReadableStream, keep: boolean) => {
    for await (const line of createInterface({ input: stream })) {
      if (keep) output += `${line}\n`;
      if (line.trim() === "") continue;
      lastLine = line.trim();
      report?.(lastLine);
    }
  };
  try {
    const [failure] = await Promise.all([failureOf(child), read(child.stdout, true), read(child.stderr, false)]);
    if (failure !== undefined) throw new Error(`${program} ${args[0] ?? ""}: ${lastLine || failure}`);
    return output;
  } finally {
    process.off("exit", end);
  }
}

/**
 * Runs a program that must not be cut short: it goes on to its end where this process is interrupted.
 *
 * @param log path of the file that gets what it prints.
 * @throws where it cannot be started or fails, with the last line that it printed as the cause.
 */
export async function runToItsEnd(
  program: string,
  args: readonly string[],
  log: string,
  env = process.env,
): Promise<void> {
  const output = openSync(log, "w", 0o600);
  // A session of its own keeps the terminal's interrupt away; a file, unlike a pipe, can be written when we are gone.
  const child = spawn(program, args, { env, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const failure = await failureOf(child);
  if (failure === undefined) return;
  const lastLine = readFileSync(log, "utf8").trim().split("\n").at(-1);
  throw new Error(`${program} ${args[0] ?? ""}: ${lastLine || failure}`);
}

function failureOf(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exit ${code}`),
    );
  });
}
