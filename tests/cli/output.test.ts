/** What becomes of a verb's output where nobody takes it. */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { Checkout, run } from "../checkout.ts";
import { writeStackFiles } from "../stack-files.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new Checkout(`it-output-${process.pid}`);
beforeAll(async () => {
  lab.configure({ deploy: "none" });
  await writeStackFiles(lab.file("."), ["alice"]);
});
afterAll(() => rmSync(lab.root, { recursive: true, force: true }));

/** Runs a verb whose output goes where a piece of shell says; prints its exit code. */
function verbInto(verb: string, sink: string) {
  const command = `"${process.execPath}" "${join(lab.root, "cli", "bootstrap.mjs")}" ${verb} --stack ${lab.stack}`;
  return run("bash", ["-c", `${command} ${sink}; echo "\${PIPESTATUS[0]}"`]);
}

describe.each(["status", "status --json", "export --list", "status --help"])("the output of %s", (verb) => {
  it("that a full disk does not take is an error in one sentence", async () => {
    expect(await verbInto(verb, "> /dev/full")).toEqual({
      status: 0,
      stdout: "1\n",
      stderr: "the output cannot be written: ENOSPC: no space left on device, write\n",
    });
  });

  it("that its reader does not want is no error", async () => {
    expect(await verbInto(verb, "| true")).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  });
});
