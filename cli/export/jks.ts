import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { causeOf, Failure } from "../../toolchain/failure.ts";
import { run } from "../../toolchain/run.ts";
import type { Given } from "./formats.ts";
import { readSecret } from "./secret.ts";

/** keytool makes no store with a shorter one. */
const MIN_PASSWORD = 6;

/** The root's entry in the store. No client has a name with a space. */
const ROOT_ALIAS = "root ca";

/** A Java key store (JKS): the client's key and chain under its name, and the root as a trusted certificate. */
export async function jks({ stack, credentials, secret }: Given): Promise<Buffer> {
  const password = secret ?? (await readSecret(credentials.password));
  if (password.length < MIN_PASSWORD) {
    throw new Failure(`the password of a JKS must have at least ${MIN_PASSWORD} characters, got ${password.length}`, 2);
  }
  // In the stack's folder, so that what a killed run leaves goes away with the stack.
  const folder = await mkdtemp(join(stack.directory, "jks-"));
  try {
    const [store, passwordFile] = [join(folder, "store"), join(folder, "password")];
    await writeFile(passwordFile, password, { mode: 0o600 });
    await keytool("-importkeystore", [
      ...["-srckeystore", credentials.pkcs12, "-srcstoretype", "PKCS12", "-srcstorepass:file", credentials.password],
      ...["-destkeystore", store, "-deststoretype", "JKS"],
      ...["-deststorepass:file", passwordFile, "-destkeypass:file", passwordFile],
    ]);
    await keytool("-importcert", [
      ...["-alias", ROOT_ALIAS, "-file", credentials.rootCert],
      ...["-keystore", store, "-storepass:file", passwordFile],
    ]);
    return await readFile(store);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function keytool(command: string, args: string[]): Promise<void> {
  await run("keytool", [command, "-noprompt", ...args]).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      error.code === "ENOENT"
        ? "keytool is not on PATH: install a Java runtime, with apt-get install default-jre-headless on Debian and Ubuntu"
        : `no JKS was made: ${causeOf(error)}`,
    );
  });
}
