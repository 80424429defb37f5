import { isRevocationReason, REVOCATION_REASONS } from "../rules/revocation-reasons.ts";
import { Failure } from "../toolchain/failure.ts";
import { changeMap } from "./settings.ts";
import { readStack, requireUp } from "./stack.ts";

import { up } from "./up.ts";

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
  await up(options);
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
  await changeMap(stack, "revoked", { [id]: undefined });
  await up(options);
}
