import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";

import { causeOf, Failure } from "../../toolchain/failure.ts";
import { requireUp, type Stack } from "../stack.ts";

/** Absolute paths of what a client has, as `up` wrote it. */
export interface Credentials {
  name: string;
  rootCert: string;
  /** The client's certificate and its intermediates: what it sends. */
  chain: string;
  key: string;
  pkcs12: string;
  /** Opens `pkcs12`. */
  password: string;
}

/** Names of the stack's clients. Throws a {@link Failure} where the stack is not up. */
export async function clientNames(stack: Stack): Promise<string[]> {
  requireUp(stack);
  return (await readdir(join(stack.directory, "clients")).catch(() => [])).sort();
}

/** Where a client's files are. Throws a {@link Failure} for one that cannot be read. */
export async function credentialsOf({ name: stack, directory }: Stack, name: string): Promise<Credentials> {
  const folder = join(directory, "clients", name);
  const files = {
    rootCert: join(directory, "root.crt"),
    chain: join(folder, "chain.crt"),
    key: join(folder, "client.key"),
    pkcs12: join(folder, "client.p12"),
    password: join(folder, "password"),
  };
  for (const file of Object.values(files)) {
    await access(file, constants.R_OK).catch((error: unknown) => {
      throw new Failure(`${causeOf(error)}: npm run up -- --stack ${stack} puts back what is missing`);
    });
  }
  return { name, ...files };
}
