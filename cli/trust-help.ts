import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../toolchain/package-root.ts";

/** Where a root certificate is trusted by hand: a text each in docs/trust. */
export const HELP_FOR = ["windows", "macos", "ios", "android", "firefox"] as const;
export type HelpFor = (typeof HELP_FOR)[number];

/** What to do there with the root certificate of a stack. */
export function trustHelp(system: HelpFor, stack: string): string {
  const text = readFileSync(join(packageRoot, "docs", "trust", `${system}.txt`), "utf8");
  return text.trimEnd().replaceAll(".lab/dev/", `.lab/${stack}/`);
}
