import { readFile } from "node:fs/promises";

import { causeOf, Failure } from "../../toolchain/failure.ts";

/** The longest passphrase that OpenSSL asks for (PEM_BUFSIZE). */
const MAX_LENGTH = 1024;

/**
 * Reads a password or passphrase: the first line of a file, as OpenSSL's `file:` and keytool's `:file` do. Only ASCII:
 * programs do not agree on the octets of anything else in a PKCS#12 file.
 */
export async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Failure(`the password cannot be read: ${causeOf(error)}`, 2);
  });
  const [line = ""] = text.split(/\r?\n/, 1);
  if (/^[ -~]+$/.test(line) && line.length <= MAX_LENGTH) return line;
  throw new Failure(`the first line of ${file} must be 1 to ${MAX_LENGTH} printable ASCII characters`, 2);
}
