import { rmdirSync } from "node:fs";
import { join } from "node:path";

import { clientFiles, type ClientFileContents } from "../../rules/client-files.ts";
import { digestsAt, digestsOf, removeFile, writeFileAtomically } from "../files.ts";

type Contents = ClientFileContents<string>;

const NAMES = Object.keys(
  clientFiles({ certPem: "", chainPem: "", privateKeyPem: "", pkcs12Base64: "", password: "" }),
);

/** Names of a client's files that are missing, were edited, or have another mode. */
export function staleFiles(directory: string, client: string, contents: Contents): string[] {
  const wanted = digestsOf(clientFiles(contents));
  const found = digestsAt(join(directory, client), Object.keys(wanted));
  return Object.keys(wanted).filter((file) => wanted[file] !== found[file]);
}

/** Writes those of a client's files that are not as they should be; the others are not touched. */
export async function publishClient(directory: string, client: string, contents: Contents): Promise<void> {
  const files = clientFiles(contents);
  const stale = staleFiles(directory, client, contents);
  await Promise.all(stale.map((file) => writeFileAtomically(join(directory, client, file), files[file]!)));
}

/** Removes a client's files, and its directory unless somebody else's file is in it. */
export function removeClient(directory: string, client: string): void {
  for (const file of NAMES) removeFile(join(directory, client, file));
  removeDirectory(join(directory, client));
}

/** Removes a directory if it is empty. */
export function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    return; // not empty, or gone
  }
}
