import { join } from "node:path";

import { ChainProgram } from "./chain-program.ts";
import { gnutls } from "./gnutls.ts";
import { nss } from "./nss.ts";
import { openssl } from "./openssl.ts";
import { Pkilint } from "./pkilint.ts";
import { built, JAVA_EXPORTS, sourceOf } from "./set-up.ts";
import type { Linter, Verifier } from "./verifier.ts";
import { Zlint } from "./zlint.ts";

export const VERIFIERS = ["openssl", "gnutls", "nss", "go", "java"] as const;
export type VerifierName = (typeof VERIFIERS)[number];

export const LINTERS = ["zlint", "pkilint"] as const;
export type LinterName = (typeof LINTERS)[number];

/** What is ready to be asked, and has programs that run until it is stopped. */
export interface Started<Name extends string, T> {
  readonly by: Record<Name, T>;
  stop(): Promise<void>;
}

/** Starts the verifiers; builds those that are missing. */
export async function startVerifiers(): Promise<Started<VerifierName, Verifier>> {
  const goFolder = await built("go");
  const javaFolder = await built("java");
  const go = new ChainProgram(join(goFolder, "verify"), []);
  const java = new ChainProgram("java", [...JAVA_EXPORTS, "-cp", javaFolder, "Verify"]);
  return {
    by: { openssl, gnutls, nss, go, java },
    stop: async () => void (await Promise.all([go.stop(), java.stop()])),
  };
}

/** Starts the linters; builds those that are missing. */
export async function startLinters(): Promise<Started<LinterName, Linter>> {
  const zlint = new Zlint(join(await built("zlint"), "lint"), []);
  const env = { ...process.env, PYTHONPATH: await built("pkilint") };
  const pkilint = new Pkilint("python3", [join(sourceOf("pkilint"), "lint.py")], env);
  return { by: { zlint, pkilint }, stop: async () => void (await Promise.all([zlint.stop(), pkilint.stop()])) };
}
