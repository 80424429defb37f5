import { statfsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { freeSpace, gigabytes, requireSpace } from "../../toolchain/disk.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("free space", () => {
  it("is that of the nearest folder that exists", () => {
    const there = temporaryFolder();
    const { folder, bytes } = freeSpace(join(there, "not", "yet"));
    const { blocks, bsize } = statfsSync(there);
    expect(folder).toBe(there);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(blocks * bsize);
  });

  it("is shown in GB", () => {
    expect(gigabytes(6e9)).toBe("6.0 GB");
  });

  it("is refused in one sentence where it is too little", () => {
    const there = temporaryFolder();
    expect(() => requireSpace(join(there, "not", "yet"), 1, "it")).not.toThrow();
    expect(() => requireSpace(there, 1e18, "the update of stack dev")).toThrow(
      /^the update of stack dev needs 1000000000\.0 GB of disk, \S+ has \d+(\.\d GB| MB): make room there$/,
    );
  });
});
