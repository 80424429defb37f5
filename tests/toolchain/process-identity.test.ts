import { describe, expect, it } from "@jest/globals";

import { argumentsOf, identify, pids, stillRuns } from "../../toolchain/process-identity.ts";

/** Above the kernel's limit of 2^22: no process ever has it. */
const NOBODY = 2 ** 22 + 1;

describe("process identity", () => {
  const self = identify(process.pid)!;

  it("tells a running process by pid, start time and boot", () => {
    expect(self).toEqual({
      pid: process.pid,
      startTime: expect.stringMatching(/^\d+$/),
      bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(stillRuns(self)).toBe(true);
  });

  it.each([
    ["started at another time", { ...self, startTime: "1" }],
    ["ran before the machine booted", { ...self, bootId: "00000000-0000-0000-0000-000000000000" }],
    ["has ended", { ...self, pid: NOBODY }],
  ])("does not take a process for one that %s", (_, other) => {
    expect(stillRuns(other)).toBe(false);
  });

  it("knows the arguments of a process, and none of one that is not there", () => {
    expect(argumentsOf(process.pid)[0]).toContain("node");
    expect(argumentsOf(NOBODY)).toEqual([]);
  });

  it("lists this process among all", () => {
    expect(pids()).toContain(process.pid);
  });
});
