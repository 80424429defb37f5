import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { ConfigError, type LabConfig } from "../config.ts";

/** A root CA that the user has brought along, PEM. */
export interface OwnRoot {
  certPem: string;
  /** Undefined: it is kept away. */
  privateKeyPem?: string;
}

/** What paths in the configuration start from. */
const CHECKOUT = resolve(import.meta.dirname, "..");

/**
 * Reads the files that `rootCertFile` and `rootKeyFile` name. Undefined: the lab makes its root itself.
 *
 * @throws {ConfigError} where one cannot be read, or others may read the key. What is in them, the provider checks.
 */
export function readOwnRoot({ rootCertFile, rootKeyFile }: LabConfig): OwnRoot | undefined {
  if (rootCertFile === "") return undefined;
  const certPem = read("rootCertFile", rootCertFile);
  if (rootKeyFile === "") return { certPem };
  const privateKeyPem = read("rootKeyFile", rootKeyFile);
  refuseShared("rootKeyFile", rootKeyFile);
  return { certPem, privateKeyPem };
}

function read(key: keyof LabConfig, path: string): string {
  try {
    return readFileSync(resolve(CHECKOUT, path), "utf8");
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    throw new ConfigError(`configuration key '${key}' names ${resolve(CHECKOUT, path)}, which ${cause}`);
  }
}

function refuseShared(key: keyof LabConfig, path: string): void {
  const mode = statSync(resolve(CHECKOUT, path)).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new ConfigError(
    `configuration key '${key}' names a key that others may read (mode ${mode.toString(8)}): chmod 600 ${path}`,
  );
}
