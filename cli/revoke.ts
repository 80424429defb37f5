import { isRevocationReason, REVOCATION_REASONS } from "../rules/revocation-reasons.ts";
import { Failure } from "../toolchain/failure.ts";
import { changeMap, withMap } from "./settings.ts";
import { readStack, requireUp, type Stack } from "./stack.ts";
import { curl } from "./try-it.ts";
import { bringUp } from "./up.ts";

/** `revoke`: enters a client, or a certificate by its serial number, into the revocation list of its CA, and brings it into force. */
export async function revoke(id: string, options: { stack: string; reason: string }): Promise<void> {
  const stack = await readStack(options.stack);
  if (!isRevocationReason(options.reason)) {
    const allowed = Object.keys(REVOCATION_REASONS).join(", ");
    throw new Failure(`'${options.reason}' is no reason to revoke: choose one of ${allowed}`, 2);
  }
  const before = stack.config.revoked[id];
  if (before !== undefined) {
    throw new Failure(
      `'${id}' is revoked already (${before}): npm run unrevoke -- ${id} --stack ${stack.name} takes it back`,
      2,
    );
  }
  requireUp(stack);
  await changeMap(stack, "revoked", { [id]: options.reason });
  // The entry stays: half of the update may have been done, and what is revoked must not come back by itself.
  const inForce = await bringUp(stack.name).catch((error: unknown) => {
    if (error instanceof Failure) {
      console.error(
        `'${id}' is entered in Pulumi.${stack.name}.yaml, but may still be let in: ` +
          `npm run up -- --stack ${stack.name} brings it into force`,
      );
    }
    throw error;
  });
  console.log(`'${id}' is revoked (${options.reason}).${tryAs("Refused now", inForce, id)}`);
}

/** `unrevoke`: takes a revocation back. The certificate itself was never changed, so it counts again. */
export async function unrevoke(id: string, options: { stack: string }): Promise<void> {
  const stack = await readStack(options.stack);
  if (stack.config.revoked[id] === undefined) {
    const revoked = Object.keys(stack.config.revoked);
    throw new Failure(
      `'${id}' is not revoked: ${revoked.length > 0 ? `revoked are ${revoked.join(", ")}` : "nothing is"}`,
      2,
    );
  }
  requireUp(stack);
  const inForce = await withMap(stack, "revoked", { [id]: undefined }, () => bringUp(stack.name));
  console.log(`'${id}' is not revoked any more.${tryAs("Accepted again", inForce, id)}`);
}

function tryAs(outcome: string, stack: Stack, id: string): string {
  const { clients, deploy } = stack.config;
  return clients.includes(id) && deploy === "docker" ? ` ${outcome}:\n  ${curl(stack, id)}` : "";
}
