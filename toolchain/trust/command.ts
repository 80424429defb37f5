import { run } from "../run.ts";
import { shellWord } from "../shell-word.ts";

/** A program that changes a store. What is shown before is what is run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables that it gets beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input. */
  readonly input?: { readonly text: string; readonly what: string };
}

/** The command as a shell takes it. */
export function asText({ program, args, env = {}, input }: Command): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`);
  const line = [...variables, ...[program, ...args].map(shellWord)].join(" ");
  return input === undefined ? line : `${line} # reads ${input.what}`;
}

/** Runs a command to its end, and returns what it printed. Throws with the last line that it printed. */
export function perform({ program, args, env, input }: Command): Promise<string> {
  return run(program, args, { env: { ...process.env, ...env }, input: input?.text });
}

/** The same command with the rights of root. sudo asks for the password itself, at the terminal. */
export function withSudo({ program, args, env, input }: Command): Command {
  const kept = env === undefined ? [] : [`--preserve-env=${Object.keys(env).join(",")}`];
  return { program: "sudo", args: [...kept, program, ...args], env, input };
}
