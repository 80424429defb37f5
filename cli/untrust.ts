import { cacheFolder } from "../toolchain/cache.ts";
import { Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { asText } from "../toolchain/trust/command.ts";
import { readTrusted } from "../toolchain/trust/record.ts";
import { planUntrust, type Removal, removeTrust } from "../toolchain/trust/removal.ts";
import { consent } from "./consent.ts";
import { readStack } from "./stack.ts";
import { inTurn, machineFor, whileLocked, type TrustOptions } from "./trust-options.ts";

/** `untrust`: takes out of this machine's stores what `trust` put there, even when the stack and its root are gone. */
export async function untrust(options: TrustOptions & { all?: true }): Promise<void> {
  const { store: kinds } = options;
  const records = readTrusted(cacheFolder(), options.all ? undefined : { checkout: packageRoot, stack: options.stack });
  if (records.length === 0 && !options.all) await readStack(options.stack); // a name that is wrong, or a stack not trusted
  const wanted = records.filter(({ store }) => kinds === undefined || kinds.includes(store));
  let removals = await planUntrust(wanted, await machineFor(options));

  if (!options.json) console.log(planAsText(removals, options.all ? "any stack" : `stack ${options.stack}`));
  try {
    if (removals.some(({ state }) => state === "trusted")) await consent({ yes: options.yes, ask: !options.json });
    if (removals.length > 0) removals = await whileLocked(() => inTurn(removals, (each) => remove(each, options)));
  } finally {
    if (options.json) console.log(JSON.stringify(removals.map(asFacts), undefined, 2));
  }
  const failed = removals
    .filter(({ state }) => state === "failed")
    .map(({ record }) => `${record.store} ${record.place}`);
  if (failed.length > 0) throw new Failure(`still trusted, see above: ${failed.join(", ")}`);
}

async function remove(removal: Removal, { json }: TrustOptions): Promise<Removal> {
  const after = await removeTrust(removal, cacheFolder());
  if (removal.state === "trusted" && !json) {
    const { record, state, error } = after;
    console.log(`${record.store} ${record.place}: ${state === "failed" ? `failed, ${error}` : "taken out"}`);
  }
  return after;
}

function planAsText(removals: readonly Removal[], whose: string): string {
  if (removals.length === 0) return `Nothing of ${whose} is trusted on this machine through \`npm run trust\`.`;
  return removals.flatMap(removalAsText).join("\n");
}

function removalAsText({ record, store, state, error }: Removal): string[] {
  const title = `${record.store} ${record.place}`;
  if (state === "failed") return [`${title}: ${error}`];
  if (state === "gone") return [`${title}: ${record.entry} is gone already`];
  return [
    `${title}:`,
    ...(store?.toRemove(record.entry, record.sha256) ?? []).map((command) => `  ${asText(command)}`),
  ];
}

/** What `--json` prints of each. */
function asFacts({ record, store, state, error }: Removal): object {
  return {
    ...record,
    state,
    ...(state === "trusted" ? { commands: store?.toRemove(record.entry, record.sha256).map(asText) } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
