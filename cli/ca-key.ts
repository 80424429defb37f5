import { generationsOf, ofGeneration } from "../lab/generations.ts";
import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";
import { openEngine, query } from "./engine.ts";
import { requireUp, type Stack } from "./stack.ts";

/** How the state holds a resource. */
interface StateResource {
  urn: string;
  outputs?: { privateKeyPemPkcs8?: { plaintext: string } };
}

/** Names of the CAs whose keys the lab may have, as `renew` and `revoke` know them. */
export function caNames({ config }: Stack): string[] {
  return ["root", "intermediate"].flatMap((name) =>
    generationsOf(config).map((generation) => ofGeneration(name, generation)),
  );
}

/**
 * The key of one of the lab's CAs, PEM (PKCS#8): it is in the state only.
 *
 * @throws {Failure} where the stack is not up, or its state has no such key: that of a root from a file.
 */
export async function caKey(stack: Stack, ca: string): Promise<string> {
  requireUp(stack);
  const { env } = await setUp({ docker: false });
  const engine = await openEngine(stack, env);
  const text = await query(engine, ["stack", "export", "--show-secrets", "--stack", stack.name]);
  const { deployment } = JSON.parse(text) as { deployment: { resources?: StateResource[] } };
  const key = deployment.resources?.find(({ urn }) => urn.endsWith(`PrivateKey::${resourceName(ca)}`));
  const secret = key?.outputs?.privateKeyPemPkcs8;
  if (!secret) {
    throw new Failure(`the state of stack ${stack.name} has no key of ${ca}: it is where its certificate came from`);
  }
  return JSON.parse(secret.plaintext) as string;
}

function resourceName(ca: string): string {
  return `${ca.replace("intermediate", "issuing")}-key`;
}
