import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { readStarted, writeStarted, type StartedDaemon } from "../../toolchain/started.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const dockerd: StartedDaemon = {
  process: { pid: 12, startTime: "345", bootId: "boot" },
  bootId: "boot",
  network: { links: ["lo"], forwarding: {}, policies: {} },
  files: ["/run/docker"],
};

describe("started.json", () => {
  it("keeps what was written, and nothing else beside it", () => {
    const cache = join(temporaryFolder(), "new");
    writeStarted(cache, { dockerd });

    expect(readStarted(cache)).toEqual({ dockerd });
    expect(readdirSync(cache)).toEqual(["started.json"]);
  });

  it("goes when nothing is on record any more", () => {
    const cache = temporaryFolder();
    writeStarted(cache, { dockerd });
    writeStarted(cache, {});

    expect(existsSync(join(cache, "started.json"))).toBe(false);
    expect(readStarted(cache)).toEqual({});
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["cut in half", '{ "dockerd": { "process": { "pid": 12,'],
    ["no object", "null"],
    ["without what a daemon's record must have", '{ "dockerd": { "process": { "pid": 12 } } }'],
  ])("counts as empty where it is %s", (_, content) => {
    const cache = temporaryFolder();
    mkdirSync(cache, { recursive: true });
    if (content !== undefined) writeFileSync(join(cache, "started.json"), content);

    expect(readStarted(cache)).toEqual({});
  });
});
