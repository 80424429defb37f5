/**
 * npm takes the options that stand before `--`, and hands them to a script in its environment only: `--stack=prod` as
 * `npm_config_stack`. Of `--stack prod` it takes the option (`npm_config_stack` is `true`) and leaves the word.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Command, Option } from "commander";

import { shellWord } from "../toolchain/shell-word.ts";

/**
 * Options of a verb that npm has taken, as a sentence with what to type instead. Undefined where it has taken none.
 *
 * `all`, `force`, `json` and `yes` are npm's own, too: what an `.npmrc` sets is in the same variables, and was not typed. What
 * the user's environment sets is there as well; that cannot be told from what was typed, and is refused like it.
 *
 * @param args what has come to the verb.
 */
export function takenByNpm(verb: Command, args: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  if (env.npm_lifecycle_event !== verb.name()) return undefined; // a script of another name has options of its own
  const settings = npmrcSettings(env);
  const taken = verb.options.flatMap((option) => {
    const value = valueAtNpm(option, env);
    if (!value || isGiven(option, args) || settings.includes(`${option.name()}=${value}`)) return [];
    return [{ option, value }];
  });
  if (taken.length === 0) return undefined;

  // Which of the words is the value, or one of several, is not known.
  const isLost = taken.some(({ option, value }) => option.required && value === "true");
  const options = taken.map(({ option: { long, flags, required }, value }) => {
    if (isLost || !required) return required ? flags : long;
    return `${long} ${value.split("\n\n").map(shellWord).join(" ")}`;
  });
  const words = isLost ? verb.registeredArguments.map(() => "…") : args.map(shellWord);
  return (
    `npm took ${taken.map(({ option }) => option.long).join(" and ")} for itself: ` +
    `write \`npm run ${[verb.name(), "--", ...options, ...words].join(" ")}\``
  );
}

/** What npm has of an option; it reads `-f` as its `--force`. */
function valueAtNpm(option: Option, env: NodeJS.ProcessEnv): string | undefined {
  const names = [option.name().replaceAll("-", "_"), ...(option.short === "-f" ? ["force"] : [])];
  return names.map((name) => env[`npm_config_${name}`]).find(Boolean);
}

function isGiven({ long, short }: Option, args: readonly string[]): boolean {
  return args.some((arg) => [long, short].includes(arg.split("=", 1)[0]));
}

/** What the files of the user, the machine and the checkout set, each as `name=value`. */
function npmrcSettings(env: NodeJS.ProcessEnv): string[] {
  const { npm_config_userconfig: user, npm_config_globalconfig: machine, npm_config_local_prefix: checkout } = env;
  const files = [user, machine, checkout && join(checkout, ".npmrc")];
  return files.flatMap((file) => read(file ?? "").split("\n")).map((line) => line.replaceAll(/\s/g, ""));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // there is none
  }
}
