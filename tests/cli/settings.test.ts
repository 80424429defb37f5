/** How verbs change the text of a stack's file. What is refused, and that the file stays then: revoke-and-renew.test.ts. */
import { describe, expect, it } from "@jest/globals";

import { type MapKey, withEntries } from "../../cli/settings.ts";

const COMMENTED = "# Ours.\nconfig:\n  mtls-lab:httpPort: 9080 # why\n";

describe("a change of a stack's file", () => {
  it.each<[string, string, MapKey, Record<string, string | undefined>, string]>([
    [
      "adds the map at its end, and leaves comments as they are",
      COMMENTED,
      "revoked",
      { alice: "keyCompromise" },
      `${COMMENTED}  mtls-lab:revoked: {alice: keyCompromise}\n`,
    ],
    [
      "adds to a map that is there",
      "config:\n  mtls-lab:revoked: {bob: superseded}\n",
      "revoked",
      { alice: "unspecified" },
      "config:\n  mtls-lab:revoked: {bob: superseded, alice: unspecified}\n",
    ],
    [
      "quotes what the engine's YAML would take for a moment or a number",
      "config: {}\n",
      "renewed",
      { alice: "2026-01-31T12:00:00Z" },
      'config:\n  mtls-lab:renewed: {alice: "2026-01-31T12:00:00Z"}\n',
    ],
    [
      "adds to a file in which nothing stands below config",
      "# Ours.\nconfig:\n",
      "revoked",
      { alice: "superseded" },
      "# Ours.\nconfig:\n  mtls-lab:revoked: {alice: superseded}\n",
    ],
    [
      "adds to a file of comments",
      "# Ours.\n",
      "revoked",
      { alice: "superseded" },
      "# Ours.\n\nconfig:\n  mtls-lab:revoked: {alice: superseded}\n",
    ],
    [
      "adds to an empty file",
      "",
      "revoked",
      { alice: "superseded" },
      "config:\n  mtls-lab:revoked: {alice: superseded}\n",
    ],
    [
      "removes an entry",
      "config:\n  mtls-lab:revoked: {alice: superseded, bob: superseded}\n",
      "revoked",
      { alice: undefined },
      "config:\n  mtls-lab:revoked: {bob: superseded}\n",
    ],
    [
      "removes the map with its last entry, and leaves the file as it was before the first",
      "config:\n  mtls-lab:revoked: {alice: superseded}\n",
      "revoked",
      { alice: undefined },
      "config:\n",
    ],
  ])("%s", (_what, before, key, entries, after) => {
    expect(withEntries(before, key, entries)).toBe(after);
  });
});
