import { describe, expect, it } from "@jest/globals";

import { fuzz, fuzzReport } from "../../bench/fuzz.ts";
import type { Fuzzed } from "../../tests/fuzz/fuzz.ts";
import { DEV_VIEW } from "../nginx-view.ts";

const FOUND: Fuzzed = {
  seed: 7,
  accepted: 60,
  refused: 40,
  directives: 15_000,
  kept: { site: ["a", "b"], chains: ["c"] },
  counterexample: undefined,
};
const ROW = "| 100 | 60 | 40 | 15000 | 2 | 50 | 3 |";

describe("the report of the fuzzer", () => {
  it("counts what was tried, and how fast", () => {
    const { json, markdown, failed } = fuzzReport(FOUND, 2, "");

    expect(markdown.split("\n")).toEqual(["Seed 7.", "", expect.any(String), expect.any(String), ROW]);
    expect(json).toMatchObject({ seed: 7, accepted: 60, refused: 40, directives: 15_000, perSecond: 50, shown: 3 });
    expect(failed).toBeFalsy();
  });

  it("shows the input about which the renderer is wrong, and fails", () => {
    const counterexample = { input: { of: "view" as const, value: DEV_VIEW, place: "serverNames[0]" }, problem: "x" };
    const { markdown, failed } = fuzzReport({ ...FOUND, counterexample }, 2, "");

    expect(markdown).toContain(`${ROW}\n\nx\n\n{\n  "of": "view",\n  "value": {\n    "serverNames": [`);
    expect(failed).toBe("the renderer is wrong about the input above, --seed 7 finds it again");
  });

  it("shows what nginx refuses, and fails", () => {
    const { markdown, failed } = fuzzReport(FOUND, 2, "site-1.nginx\n[emerg] no\n");

    expect(markdown).toContain(`${ROW}\n\nsite-1.nginx\n[emerg] no`);
    expect(failed).toBe("nginx refuses what the renderer says, --seed 7 finds it again");
  });

  it("has the numbers of a run", async () => {
    const { json, failed } = await fuzz({ inputs: 20, seed: 1 });

    const numbers = json as { accepted: number; refused: number };
    expect(numbers.accepted + numbers.refused).toBe(20);
    expect(failed).toBeFalsy();
  });
});
