/** What the README tells its reader to type, typed. */
import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { run } from "../checkout.ts";
import { LiveLab } from "../live-lab.ts";
import { commands, page } from "../readme.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

// The package and a user's program: example.test.ts.
const [walk = ""] = page("README.md").split("\n## Commands\n");
// The first section shows how it ends; here it ends at the end.
const steps = commands(walk).filter(({ text }) => text !== "npm run down");

const lab = new LiveLab("readme");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

it.each(steps)("$text", async ({ text, httpStatus }) => {
  const asked =
    httpStatus === undefined ? here(text) : `${here(text)} --silent --output answer --write-out '%{http_code}'`;
  const { status, stdout, stderr } = await run("sh", ["-c", asked], lab.root);

  expect({ status, error: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, error: "" });
  if (httpStatus !== undefined) expect(stdout).toBe(`${httpStatus}`);
});

/** The same command for the stack, the files and the ports of this test. */
function here(command: string): string {
  return command
    .replace(/^(npm run (?:--silent )?\w+)(?: --)?/, `$1 -- --stack ${lab.stack}`)
    .replaceAll(".lab/dev", `.lab/${lab.stack}`)
    .replaceAll("mtls-lab-dev-site", lab.container)
    .replaceAll("8443", `${lab.httpsPort}`);
}
