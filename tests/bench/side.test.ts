import { describe, expect, it } from "@jest/globals";

import { cell, play, type Side, summary, table } from "../../bench/side.ts";

describe("a benchmark", () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[5, 1, 3], { median: 3, min: 1, max: 5 }],
    [[4, 1, 2, 10], { median: 3, min: 1, max: 10 }],
    [[1.006, 1.004], { median: 1, min: 1, max: 1.01 }],
  ])("sums %j up by median, least and most", (seconds, expected) => {
    expect(summary(seconds)).toEqual(expected);
  });

  it("plays the operations of a side in their order, each measured, and those only that it has", async () => {
    const played: string[] = [];
    const does = (what: string) => () => Promise.resolve(void played.push(what));
    const side: Side<"up" | "change" | "down"> = {
      name: "side",
      prepare: does("prepare"),
      operations: { down: does("down"), up: does("up") },
      close: does("close"),
    };
    const seconds = {};
    await play(side, ["up", "change", "down"], seconds);
    await play(side, ["up", "change", "down"], seconds);

    expect(played).toEqual(["prepare", "up", "down", "prepare", "up", "down"]);
    expect(seconds).toEqual({
      up: [expect.any(Number), expect.any(Number)],
      down: [expect.any(Number), expect.any(Number)],
    });
  });

  it("is shown as a Markdown table", () => {
    expect(
      table(
        ["operation", "lab"],
        [
          ["up", cell({ median: 1.5, min: 1, max: 2 })],
          ["down", cell(undefined)],
        ],
      ),
    ).toEqual(["| operation | lab |", "|---|---|", "| up | 1.50 (1.00-2.00) |", "| down | - |"]);
  });
});
