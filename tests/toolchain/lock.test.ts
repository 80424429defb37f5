import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { isHeld, withLock } from "../../toolchain/lock.ts";
import { identify } from "../../toolchain/process-identity.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("withLock", () => {
  it("lets one work at a time, in whatever order", async () => {
    const lock = join(temporaryFolder(), "lock");
    let inside = 0;
    const work = async (result: number) => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
      return result;
    };
    const waited: number[] = [];
    const results = [1, 2, 3].map((result) =>
      withLock(
        lock,
        (pid) => waited.push(pid),
        () => work(result),
      ),
    );

    expect(await Promise.all(results)).toEqual([1, 2, 3]);
    expect(waited).toEqual([process.pid, process.pid]);
  });

  it("is free again after the work, also where that fails", async () => {
    const folder = temporaryFolder();
    const failing = withLock(
      join(folder, "lock"),
      () => {},
      () => Promise.reject(new Error("no")),
    );

    await expect(failing).rejects.toThrow("no");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is held for as long as the work takes", async () => {
    const lock = join(temporaryFolder(), "lock");
    const during = await withLock(
      lock,
      () => {},
      () => Promise.resolve(isHeld(lock)),
    );

    expect([during, isHeld(lock)]).toEqual([true, false]);
  });

  it.each([
    ["of a process that has ended", JSON.stringify({ ...identify(process.pid), startTime: "1" })],
    ["that is empty", ""],
    ["that is no JSON", "{"],
  ])("takes over a lock %s", async (_, content) => {
    const lock = join(temporaryFolder(), "lock");
    writeFileSync(lock, content);

    const waiting = () => {
      throw new Error("there is nobody to wait for");
    };
    expect(await withLock(lock, waiting, () => Promise.resolve(existsSync(lock)))).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });
});
