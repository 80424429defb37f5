import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { forgetTrusted, readTrusted, recordTrusted, type TrustedEntry } from "../../../toolchain/trust/record.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const entry: TrustedEntry = {
  checkout: "/home/me/mtls-lab",
  stack: "dev",
  store: "nss",
  place: "/home/me/.pki/nssdb",
  entry: "mtls-lab dev Root 0123abcd",
  sha256: "0123abcd".repeat(8),
};
const elsewhere: TrustedEntry = { ...entry, checkout: "/home/me/other", place: "/home/me/.mozilla/firefox/x" };

describe("trusted.json", () => {
  it("keeps what was recorded, once, readable by its owner only, and nothing else beside it", () => {
    const cache = join(temporaryFolder(), "new");
    recordTrusted(cache, entry);
    recordTrusted(cache, elsewhere);
    recordTrusted(cache, entry);

    expect(readTrusted(cache)).toEqual([elsewhere, entry]);
    expect(readdirSync(cache)).toEqual(["trusted.json"]);
    expect(statSync(join(cache, "trusted.json")).mode & 0o777).toBe(0o600);
  });

  it("tells one checkout's and stack's from others'", () => {
    const cache = temporaryFolder();
    for (const each of [entry, elsewhere, { ...entry, stack: "ci", entry: "ci" }]) recordTrusted(cache, each);

    expect(readTrusted(cache, { checkout: entry.checkout, stack: "dev" })).toEqual([entry]);
  });

  it("goes with its last entry", () => {
    const cache = temporaryFolder();
    recordTrusted(cache, entry);
    recordTrusted(cache, elsewhere);
    forgetTrusted(cache, entry);
    expect(readTrusted(cache)).toEqual([elsewhere]);

    forgetTrusted(cache, elsewhere);
    expect(existsSync(join(cache, "trusted.json"))).toBe(false);
    expect(readTrusted(cache)).toEqual([]);
  });

  it.each([
    ["empty", ""],
    ["cut in half", '[{ "checkout": "/home'],
    ["no list", "{}"],
    ["a list of something else", "[null, 1, {}]"],
    ["an entry without a place", JSON.stringify([{ ...entry, place: undefined }])],
    ["an entry of an unknown store", JSON.stringify([{ ...entry, store: "windows" }])],
    ["an entry without a fingerprint", JSON.stringify([{ ...entry, sha256: "" }])],
  ])("counts as empty where it is %s", (_, content) => {
    const cache = temporaryFolder();
    writeFileSync(join(cache, "trusted.json"), content);

    expect(readTrusted(cache)).toEqual([]);
  });
});
