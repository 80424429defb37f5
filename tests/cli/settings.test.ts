/** How verbs change a stack's file. The program itself is not asked. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";

import { changeMap, type MapKey } from "../../cli/settings.ts";
import { readStack } from "../../cli/stack.ts";
import { packageRoot } from "../../toolchain/package-root.ts";

const name = `settings-test-${process.pid}`;
const file = join(packageRoot, `Pulumi.${name}.yaml`);
afterEach(() => rmSync(file));

/** What the stack's file is after a change. */
async function changed(before: string, key: MapKey, entries: Record<string, string | undefined>): Promise<string> {
  writeFileSync(file, before);
  await changeMap(await readStack(name), key, entries);
  return readFileSync(file, "utf8");
}

const COMMENTED = "# Ours.\nconfig:\n  mtls-lab:httpPort: 9080 # why\n";

describe("a change of a stack's file", () => {
  it.each<[string, string, MapKey, Record<string, string | undefined>, string]>([
    [
      "adds the map at its end, and leaves comments as they are",
      COMMENTED,
      "revoked",
      { alice: "keyCompromise" },
      `${COMMENTED}  mtls-lab:revoked: { alice: keyCompromise }\n`,
    ],
    [
      "adds to a map that is there",
      "config:\n  mtls-lab:revoked: { bob: superseded }\n",
      "revoked",
      { alice: "unspecified" },
      "config:\n  mtls-lab:revoked: { bob: superseded, alice: unspecified }\n",
    ],
    [
      "quotes what the engine's YAML would take for a moment or a number",
      "config: {}\n",
      "renewed",
      { alice: "2026-01-31T12:00:00Z" },
      'config:\n  mtls-lab:renewed: { alice: "2026-01-31T12:00:00Z" }\n',
    ],
    [
      "adds to a file in which nothing stands below config",
      "# Ours.\nconfig:\n",
      "revoked",
      { alice: "superseded" },
      "# Ours.\nconfig:\n  mtls-lab:revoked: { alice: superseded }\n",
    ],
    [
      "adds to a file of comments",
      "# Ours.\n",
      "revoked",
      { alice: "superseded" },
      "# Ours.\n\nconfig:\n  mtls-lab:revoked: { alice: superseded }\n",
    ],
    [
      "adds to an empty file",
      "",
      "revoked",
      { alice: "superseded" },
      "config:\n  mtls-lab:revoked: { alice: superseded }\n",
    ],
    [
      "removes an entry",
      "config:\n  mtls-lab:revoked: { alice: superseded, bob: superseded }\n",
      "revoked",
      { alice: undefined },
      "config:\n  mtls-lab:revoked: { bob: superseded }\n",
    ],
    [
      "removes the map with its last entry, and leaves the file as it was before the first",
      "config:\n  mtls-lab:revoked: { alice: superseded }\n",
      "revoked",
      { alice: undefined },
      "config: {}\n",
    ],
  ])("%s", async (_what, before, key, entries, after) => {
    expect(await changed(before, key, entries)).toBe(after);
  });

  it("is refused where it names nobody, and the file stays", async () => {
    await expect(changed(COMMENTED, "revoked", { carol: "superseded" })).rejects.toThrow(
      `Pulumi.${name}.yaml: configuration key 'revoked' has 'carol', which is nobody's name: ` +
        "there are intermediate, server, alice, bob",
    );
    expect(readFileSync(file, "utf8")).toBe(COMMENTED);
  });
});
