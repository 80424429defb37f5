/** What counts as a state. What is said where it is none: bad-input.test.ts. */
import { describe, expect, it } from "@jest/globals";

import { parsedCheckpoint } from "../../cli/checkpoint.ts";

describe("a text that should be a state", () => {
  it.each<[string, object]>([
    [
      "of a new stack, as the engine writes it",
      {
        version: 3,
        checkpoint: {
          stack: "organization/mtls-lab/dev",
          latest: {
            manifest: { time: "2026-01-01T00:00:00Z", magic: "b68d64", version: "v3.256.0" },
            secrets_providers: { type: "passphrase", state: { salt: "v1:x" } },
            metadata: {},
          },
        },
      },
    ],
    ["of a stack that nothing was made of", { version: 3, checkpoint: { latest: null } }],
    ["without a deployment", { version: 3, checkpoint: { stack: "organization/mtls-lab/dev" } }],
    ["of an engine that uses the newer version", { version: 4, checkpoint: { latest: { resources: [] } } }],
    [
      "of a run that was killed",
      { version: 3, checkpoint: { latest: { pending_operations: [{ type: "creating" }] } } },
    ],
  ])("is one: %s", (_, state) => {
    expect(parsedCheckpoint(JSON.stringify(state))).toEqual(state);
  });

  it.each([
    "",
    "{",
    '{"version":3,"checkpoint":{"lat',
    "{}",
    "[]",
    "null",
    "3",
    '"state"',
    '{"version":3}',
    '{"version":3,"checkpoint":null}',
    '{"version":3,"checkpoint":[]}',
    '{"version":3,"checkpoint":"x"}',
    '{"version":3,"checkpoint":{"latest":"x"}}',
    '{"version":3,"checkpoint":{"latest":{"pending_operations":{}}}}',
    '{"version":99,"checkpoint":{}}',
    '{"version":"3","checkpoint":{}}',
    '{"checkpoint":{}}',
  ])("is none: %s", (text) => {
    expect(parsedCheckpoint(text)).toBeUndefined();
  });
});
