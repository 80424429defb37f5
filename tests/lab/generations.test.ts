import { describe, expect, it } from "@jest/globals";

import type { LabConfig } from "../../config.ts";
import { certificateNames, generationsOf, isReserved, isRootName, ofGeneration } from "../../lab/generations.ts";

const config = (trustedRoots: number[], rootCertFile = "") =>
  ({ trustedRoots, rootCertFile, clients: ["alice"], fleet: [] }) as unknown as LabConfig;

describe("the generations of a root", () => {
  it("are in order, the oldest first, and leave the configuration as it is", () => {
    const given = config([10, 9, 1]);

    expect(generationsOf(given)).toEqual([1, 9, 10]);
    expect(given.trustedRoots).toEqual([10, 9, 1]);
  });

  it("have a number from the second on", () => {
    expect([1, 2, 10].map((generation) => ofGeneration("root", generation))).toEqual(["root", "root-2", "root-10"]);
  });

  it.each([
    [config([1]), ["root", "intermediate", "server", "alice"]],
    [config([2, 1]), ["root", "root-2", "intermediate", "intermediate-2", "server", "alice"]],
    [config([3]), ["root-3", "intermediate-3", "server", "alice"]],
    [config([1], "root.crt"), ["intermediate", "server", "alice"]],
    [config([1, 2], "root.crt"), ["root-2", "intermediate", "intermediate-2", "server", "alice"]],
  ])("of %j give the certificates these names: %j", (given, names) => {
    expect(certificateNames(given)).toEqual(names);
  });

  it.each([
    ["root", true, true],
    ["root-2", true, true],
    ["intermediate", true, false],
    ["intermediate-12", true, false],
    ["server", true, false],
    ["server-2", false, false],
    ["root-", false, false],
    ["roots", false, false],
    ["alice", false, false],
  ])("have names that no client may have: %s %j, of a root %j", (name, reserved, root) => {
    expect({ reserved: isReserved(name), root: isRootName(name) }).toEqual({ reserved, root });
  });
});
