import { readFile } from "node:fs/promises";

import { pkcs12 } from "../../provider/x509/pkcs12.ts";
import type { Pkcs12Profile } from "../../rules/pkcs12-profiles.ts";
import type { Given } from "./formats.ts";
import { readSecret } from "./secret.ts";

/** The stack's PKCS#12 file as it is, or the same under another password. */
export function p12(given: Given): Promise<Buffer> {
  const { stack, credentials, secret } = given;
  return secret === undefined ? readFile(credentials.pkcs12) : build(given, secret, stack.config.pkcs12Profile);
}

/** The same for programs that know only the oldest algorithms, whatever the stack's file has. */
export async function p12Compat(given: Given): Promise<Buffer> {
  return build(given, given.secret ?? (await readSecret(given.credentials.password)), "compat");
}

async function build({ credentials }: Given, password: string, profile: Pkcs12Profile): Promise<Buffer> {
  const { name, chain, key } = credentials;
  const [chainPem, privateKeyPem] = await Promise.all([readFile(chain, "utf8"), readFile(key, "utf8")]);
  return pkcs12({ chainPem, privateKeyPem, password, friendlyName: name, profile });
}
