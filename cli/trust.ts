import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { cacheFolder } from "../toolchain/cache.ts";
import { Failure } from "../toolchain/failure.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { rootCertificates, type RootCertificate } from "../toolchain/trust/certificate.ts";
import { asText } from "../toolchain/trust/command.ts";
import { riskOf } from "../toolchain/trust/name-constraints.ts";
import { addTrust, type Placement, type Plan, planTrust } from "../toolchain/trust/placement.ts";
import { STORE_KINDS } from "../toolchain/trust/store.ts";
import { consent } from "./consent.ts";
import { readStack, requireUp, type Stack } from "./stack.ts";
import { inTurn, machineFor, type TrustOptions, untrustCommand, whileLocked } from "./trust-options.ts";
import { type HelpFor, trustHelp } from "./trust-help.ts";

/** `trust`: makes this machine and user trust the stack's root certificate, after showing how. */
export async function trust(options: TrustOptions & { helpFor?: HelpFor }): Promise<void> {
  if (options.helpFor) return console.log(trustHelp(options.helpFor, options.stack));
  const stack = await readStack(options.stack);
  const certificates = await rootsOf(stack);
  const owner = { checkout: packageRoot, stack: stack.name };
  const plan = await planTrust(certificates, options.store ?? STORE_KINDS, owner, await machineFor(options));

  if (!options.json) console.log(planAsText(stack, certificates, plan));
  let { placements } = plan;
  try {
    if (placements.some(({ state }) => state === "absent")) {
      await consent({ yes: options.yes, ask: !options.json });
      placements = await whileLocked(() => inTurn(placements, (each) => add(each, options)));
      if (!options.json) {
        console.log(`Browsers that run see it after a restart. ${untrustCommand(stack.name)} takes it out again.`);
      }
    }
  } finally {
    if (options.json) console.log(JSON.stringify(asFacts(stack, certificates, { ...plan, placements }), undefined, 2));
  }
  const failed = placements
    .filter(({ state }) => state === "failed")
    .map(({ store }) => `${store.kind} ${store.place}`);
  if (failed.length > 0) throw new Failure(`not trusted, see above: ${failed.join(", ")}`);
  if (placements.length === 0) throw new Failure("there is no store that can be changed, see above");
}

async function add(placement: Placement, { json }: TrustOptions): Promise<Placement> {
  const after = await addTrust(placement, cacheFolder());
  if (placement.state === "absent" && !json) {
    const { store, state, error } = after;
    console.log(`${store.kind} ${store.place}: ${state === "failed" ? `failed, ${error}` : "trusts it now"}`);
  }
  return after;
}

async function rootsOf(stack: Stack): Promise<RootCertificate[]> {
  requireUp(stack);
  const path = join(stack.directory, "root.crt");
  return rootCertificates(await readFile(path, "utf8"), relative(packageRoot, path));
}

function planAsText({ name }: Stack, certificates: readonly RootCertificate[], { placements, skipped }: Plan): string {
  return [
    ...certificates.flatMap(({ subject, sha256, notAfter, nameConstraints }) => [
      `Root certificate of stack ${name}: ${subject}, until ${notAfter.slice(0, 10)}`,
      `  SHA-256 ${sha256.toUpperCase().match(/../g)!.join(":")}`,
      `  ${riskOf(nameConstraints)}`,
    ]),
    "",
    ...placements.flatMap(placementAsText),
    ...skipped.map(({ store, reason }) => `${store}: skipped, ${reason}`),
  ].join("\n");
}

function placementAsText({ store, certificate, record, state, error }: Placement): string[] {
  const title = `${store.kind} ${store.place}`;
  if (state === "failed") return [`${title}: ${error}`];
  if (state !== "absent") return [`${title}: trusts it already`];
  const commands = store.toAdd(record.entry, certificate.pem).map((command) => `  ${asText(command)}`);
  if (store.kind !== "java" || certificate.nameConstraints === undefined) return [`${title}:`, ...commands];
  return [`${title}: (Java does not apply the name constraints of a root)`, ...commands];
}

/** What `--json` prints. */
function asFacts({ name }: Stack, certificates: readonly RootCertificate[], { placements, skipped }: Plan): object {
  return {
    stack: name,
    certificates: certificates.map(({ subject, sha256, notAfter, nameConstraints = null }) => {
      return { subject, sha256, notAfter, nameConstraints };
    }),
    stores: placements.map(({ store, record, certificate, state, error }) => ({
      store: store.kind,
      place: store.place,
      entry: record.entry,
      sha256: record.sha256,
      state,
      ...(state === "absent" ? { commands: store.toAdd(record.entry, certificate.pem).map(asText) } : {}),
      ...(error === undefined ? {} : { error }),
    })),
    skipped,
  };
}
