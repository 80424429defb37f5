import { execFileSync } from "node:child_process";

import { expect, it } from "@jest/globals";

import { shellWord } from "../../toolchain/shell-word.ts";

it.each([
  ["a-b_c/d.e:f@g%h+i=j,k", "a-b_c/d.e:f@g%h+i=j,k"],
  [8443, "8443"],
  ["", "''"],
  ["two words", "'two words'"],
  ["it's", `'it'\\''s'`],
  ["$(id) `id` \\ * ~ ; & \n", "'$(id) `id` \\ * ~ ; & \n'"],
])("%j is one word for a shell, which takes it as it is", (value, word) => {
  expect(shellWord(value)).toBe(word);
  expect(execFileSync("sh", ["-c", `printf %s ${word}`], { encoding: "utf8" })).toBe(String(value));
});
