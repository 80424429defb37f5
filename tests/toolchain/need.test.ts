import { describe, expect, it } from "@jest/globals";

import { Failure } from "../../toolchain/failure.ts";
import { lookUp, obtain, type Need, type Source } from "../../toolchain/need.ts";

const report = () => {};

function source(name: string, outcome: string | Error, free = false): Source<string> & { asked: number } {
  return {
    name,
    free,
    asked: 0,
    obtain() {
      this.asked++;
      if (outcome instanceof Error) throw outcome;
      return Promise.resolve(outcome);
    },
  };
}

function need(...sources: Source<string>[]): Need<string> {
  return { name: "the thing", sources, advice: "bring one" };
}

describe("obtain", () => {
  it("asks the sources in order and stops at the first that has it", async () => {
    const [first, second, third] = [source("one", new Error("no")), source("two", "2"), source("three", "3")];

    expect(await obtain(need(first, second, third), report)).toEqual({ value: "2", source: "two" });
    expect([first.asked, second.asked, third.asked]).toEqual([1, 1, 0]);
  });

  it("names every source that it tried, with the first line of the cause, and what the user can do", async () => {
    const failing = need(source("one", new Error("not there\n  at line 3")), source("two", new Error("no network")));

    await expect(obtain(failing, report)).rejects.toEqual(
      new Failure("cannot get the thing: tried one (not there), two (no network); bring one"),
    );
  });

  it("stops at a failure that a later source may not make good", async () => {
    const last = source("two", "2");

    await expect(obtain(need(source("one", new Failure("only root may")), last), report)).rejects.toEqual(
      new Failure("only root may"),
    );
    expect(last.asked).toBe(0);
  });
});

describe("lookUp", () => {
  it("asks no source that has work to do", async () => {
    const costly = source("build", "built");

    await expect(lookUp(need(source("present", new Error("no"), true), costly))).rejects.toThrow("tried present (no)");
    expect(costly.asked).toBe(0);
  });

  it("finds what is there", async () => {
    const there = need(source("present", new Error("no"), true), source("cache", "kept", true));

    expect(await lookUp(there)).toEqual({ value: "kept", source: "cache" });
  });
});
