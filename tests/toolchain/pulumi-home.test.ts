import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

import { isLoggedIn, makePulumiHome, pulumiHome } from "../../toolchain/pulumi-home.ts";
import { temporaryFolder } from "../temporary-folder.ts";

function loggedInAt(current: string | undefined): string {
  const home = temporaryFolder();
  writeFileSync(join(home, "credentials.json"), JSON.stringify({ current }));
  return home;
}

describe("the engine's home", () => {
  it("is the one that PULUMI_HOME names", () => {
    expect(pulumiHome("/cache", { PULUMI_HOME: "/elsewhere" })).toBe("/elsewhere");
  });

  it.each([
    ["https://api.example.test", true],
    ["", false],
    [undefined, false],
  ])("with the current login %j: logged in %j", (current, expected) => {
    expect(isLoggedIn(loggedInAt(current))).toBe(expected);
  });

  it("is not logged in where nobody ever was", () => {
    expect(isLoggedIn(temporaryFolder())).toBe(false);
  });

  it("of our own has no folder for the engine's log, and stays when it is there", () => {
    const cache = temporaryFolder();
    const home = join(cache, "home");
    for (let turn = 1; turn <= 2; turn++) makePulumiHome(cache, home);

    expect(statSync(join(home, "logs")).isFile()).toBe(true);
    expect(() => mkdirSync(join(home, "logs"), { recursive: true })).toThrow("EEXIST");
  });

  it("of a user is left as it is", () => {
    const home = join(temporaryFolder(), "users");
    makePulumiHome("/cache", home);
    expect(existsSync(home)).toBe(false);
  });
});
