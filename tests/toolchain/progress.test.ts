import { PassThrough } from "node:stream";

import { describe, expect, it } from "@jest/globals";

import { workOff, type Step } from "../../toolchain/progress.ts";

/** A stream that is no terminal, and what was written to it. */
function log() {
  const stream = new PassThrough();
  const lines = () =>
    (stream.read() as Buffer | null)
      ?.toString()
      .replaceAll(/\d+\.\d s/g, "N s")
      .split("\n") ?? [];
  return { output: stream as unknown as NodeJS.WriteStream, lines };
}

function step(title: string, satisfied: boolean, work: Step["work"]): Step {
  return { title, check: () => Promise.resolve(satisfied), work };
}

describe("workOff, in a log", () => {
  it("writes a line when a step begins and one when it ends, and one for what is there", async () => {
    const { output, lines } = log();
    const noisy: Step["work"] = (report) => {
      report("fetching");
      return Promise.resolve("built");
    };
    await workOff(
      [step("Engine", false, noisy), step("Plugin", true, () => Promise.reject(new Error("unused")))],
      output,
    );

    expect(lines()).toEqual(["Engine ...", "Engine: built (N s)", "Plugin: already there", ""]);
  });

  it("writes what a step that takes long is doing, no oftener than the pulse", async () => {
    const { output, lines } = log();
    const long: Step["work"] = async (report) => {
      report("compiling a");
      report("compiling b");
      await new Promise((resolve) => setTimeout(resolve, 60));
      report("compiling c");
      return "built";
    };
    await workOff([step("Engine", false, long)], output, 0.05);

    expect(lines()).toEqual(["Engine ...", "Engine: compiling c (0 s)", "Engine: built (N s)", ""]);
  });

  it("stops at the step that fails, and leaves the telling to who called", async () => {
    const { output, lines } = log();
    const failing = step("Engine", false, () => Promise.reject(new Error("no disk")));

    await expect(workOff([failing, step("Plugin", true, () => Promise.resolve(""))], output)).rejects.toThrow(
      "no disk",
    );
    expect(lines()).toEqual(["Engine ...", ""]);
  });
});
