import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { Given } from "./formats.ts";

/**
 * Key and chain in one file, as curl's `--cert`, HAProxy's `crt` and Python's `load_cert_chain` take it. With a
 * passphrase the key is encrypted: PKCS#8 with PBES2, AES-256-CBC and PBKDF2 (RFC 8018).
 */
export async function pem({ credentials, secret }: Given): Promise<string> {
  const key = await readFile(credentials.key, "utf8");
  const chain = await readFile(credentials.chain, "utf8");
  return (secret === undefined ? key : encrypted(key, secret)) + chain;
}

/** The key in PKCS#8, encrypted with a passphrase. */
export function encrypted(keyPem: string, passphrase: string): string {
  return createPrivateKey(keyPem).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }) as string;
}
