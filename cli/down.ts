import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";

import { cacheFolder } from "../toolchain/cache.ts";
import { stopStarted } from "../toolchain/docker-daemon.ts";
import { Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { setUp } from "../toolchain/set-up.ts";
import { readTrusted, type TrustedEntry } from "../toolchain/trust/record.ts";
import { alone, isChanging } from "./alone.ts";
import { type Engine, engineFor, isMade, openEngine, operate, ownBackend, query, stateFile } from "./engine.ts";
import { everyStack, isNobodys, readMadeStack } from "./made-stacks.ts";
import { recover, removeUnknown } from "./recover.ts";
import { LAB } from "./stack.ts";
import { untrustCommand } from "./trust-options.ts";
import { refresh } from "./up.ts";

interface Options {
  stack: string;
  all?: true;
  unprotect?: true;
}

/** `down`: destroys the stack and removes its files. With `--all` every stack, also one whose file is gone, and what set-up started. */
export async function down(options: Options): Promise<void> {
  if (!options.all) return downStack(options.stack, options);
  await downEach(await everyStack(), options);
  await stopStarted();
}

/** A stack that cannot go down does not keep the others up. */
export async function downEach(names: string[], options: Pick<Options, "unprotect">): Promise<void> {
  const staying: string[] = [];
  for (const name of names) {
    await downStack(name, options).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      staying.push(name);
    });
  }
  if (staying.length === 0) return;
  throw new Failure(`not everything is down: stack ${staying.join(", ")} stays, and so does what set-up started`);
}

async function downStack(name: string, options: Pick<Options, "unprotect">): Promise<void> {
  await alone(name, () => remove(name, options));
  const trusted = readTrusted(cacheFolder(), { checkout: packageRoot, stack: name });
  if (trusted.length > 0) console.log(stillTrusted(name, trusted));
}

async function remove(name: string, { unprotect }: Pick<Options, "unprotect">): Promise<void> {
  const stack = await readMadeStack(name);
  if (!existsSync(LAB) && ownBackend(process.env)) return; // nothing was ever up
  const engine = engineFor(stack, process.env);
  if (isMade(engine)) {
    if (stack.config.protectRoot && !unprotect && (await holdsProtected(engine))) {
      throw new Failure(
        `the root CA of stack ${name} is protected, and nothing was removed: ` +
          `to lose it for good, npm run down -- --stack ${name} --unprotect`,
      );
    }
    const { env } = await setUp({ docker: stack.config.deploy === "docker" });
    await destroy(await openEngine(stack, env), await refresh(stack), unprotect);
  } else if (existsSync(stack.directory)) await removeUnknown(stack); // the state was lost
  await rm(stack.directory, { recursive: true, force: true });
  console.log(`Stack ${name} is gone, with its certificates, keys and state.`);
  // The first `up` of another stack may have made its passphrase, and nothing else yet.
  const others = (await everyStack()).filter((other) => other !== name);
  if ((await isNobodys()) && !others.some(isChanging)) await rm(LAB, { recursive: true, force: true });
}

/** Whether there is something to protect: an update may have failed before it made the root. */
async function holdsProtected(engine: Engine): Promise<boolean> {
  const file = stateFile(engine);
  return file === undefined || /"protect":\s*true/.test(await readFile(file, "utf8"));
}

async function destroy(engine: Engine, options: string[], unprotect: boolean | undefined): Promise<void> {
  const { name } = engine.stack;
  await recover(engine);
  if (unprotect) await query(engine, ["state", "unprotect", "--all", "--yes", "--stack", name]);
  if ((await operate(engine, ["destroy", "--yes", "--skip-preview", ...options])) !== 0) {
    throw new Failure(`stack ${name} is not down: see the error above; \`npm run down\` goes on from here`);
  }
  // Not `destroy --remove`: it would remove the committed Pulumi.<stack>.yaml as well.
  await query(engine, [
    "stack",
    "rm",
    name,
    "--yes",
    "--preserve-config",
    ...(stateFile(engine) ? ["--remove-backups"] : []),
  ]);
  await rm(engine.configFile, { force: true });
}

function stillTrusted(name: string, entries: readonly TrustedEntry[]): string {
  const stores = [...new Set(entries.map(({ store }) => store))].join(", ");
  return `The root of stack ${name} is still trusted on this machine (${stores}): ${untrustCommand(name)} takes it out.`;
}
