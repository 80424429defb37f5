import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { causeOf } from "../failure.ts";
import { pemCertificates } from "../../rules/pem.ts";
import { sha256Of } from "./certificate.ts";
import { perform } from "./command.ts";
import type { Machine, TrustStore } from "./store.ts";

/** The login keychain of macOS: what Safari, Chrome and curl of this user ask. macOS asks the user before it changes. */
export function keychain({ env }: Machine): TrustStore {
  const place = join(env.HOME ?? homedir(), "Library/Keychains/login.keychain-db");
  // What is in it counts as trusted: security(1) tells trust settings by a certificate's name only.
  const has = async (sha256: string) => {
    const pem = await perform({ program: "security", args: ["find-certificate", "-a", "-p", place] }).catch(
      (error: unknown) => (causeOf(error).includes("could not be found") ? "" : Promise.reject(error as Error)), // an empty keychain
    );
    return pemCertificates(pem).some((certPem) => sha256Of(certPem) === sha256);
  };
  return {
    kind: "system",
    place,
    entryFor: (label) => label,
    isTrusted: has,
    holds: (_, sha256) => has(sha256),
    toAdd(entry, certPem) {
      const file = join(tmpdir(), `${entry.replace(/[^\w.-]+/g, "-")}.crt`); // it reads no standard input
      return [
        { program: "tee", args: [file], input: { text: `${certPem}\n`, what: "the certificate" } },
        { program: "security", args: ["add-trusted-cert", "-r", "trustRoot", "-k", place, file] },
        { program: "rm", args: ["-f", file] },
      ];
    },
    toRemove: (_, sha256) => [
      { program: "security", args: ["delete-certificate", "-t", "-Z", sha256.toUpperCase(), place] },
    ],
  };
}
