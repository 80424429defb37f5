/** Two stacks of one checkout on one daemon. The steps follow each other. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { freePorts, type Outcome, run } from "../checkout.ts";
import { docker, LiveLab } from "../live-lab.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("beside");
const other = `${lab.stack}-other`;
let otherPort: number;

beforeAll(async () => {
  await lab.open();
  const [httpPort, httpsPort] = (await freePorts(2)) as [number, number];
  otherPort = httpsPort;
  const config = { "mtls-lab:httpPort": httpPort, "mtls-lab:httpsPort": httpsPort, "mtls-lab:clients": ["carol"] };
  writeFileSync(join(lab.root, `Pulumi.${other}.yaml`), JSON.stringify({ config }));
});
afterAll(async () => {
  await verb("down");
  await lab.remove();
});

/** Runs a verb on the other stack. */
function verb(name: string): Promise<Outcome> {
  return run(process.execPath, [join(lab.root, "cli/bootstrap.mjs"), name, "--stack", other], lab.root);
}

/** Status that the real curl gets from the other stack's site, as a client of one of the stacks. */
async function askOther(stack: string, client: string): Promise<string> {
  const folder = join(lab.root, ".lab", stack, "clients", client);
  const { stdout } = await run("curl", [
    ...["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", join(lab.root, ".lab", other, "root.crt")],
    ...["--cert", `${folder}/chain.crt`, "--key", `${folder}/client.key`],
    ...["--resolve", `lab.localhost:${otherPort}:127.0.0.1`, `https://lab.localhost:${otherPort}/whoami`],
  ]);
  return stdout;
}

describe("two stacks", () => {
  it("come up at the same time, each with its own CA", async () => {
    const [, outcome] = await Promise.all([lab.up(), verb("up")]);
    expect(outcome).toMatchObject({ status: 0 });

    expect(await lab.curl("/whoami", ...lab.as("alice"))).toMatchObject({ status: 200 });
    expect(await askOther(other, "carol")).toBe("200");
    expect(await askOther(lab.stack, "alice")).toBe("400");
  });

  it("go without each other", async () => {
    const running = () => docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", `mtls-lab-${other}-site`);
    const before = running();
    expect(await lab.lab("down")).toMatchObject({ status: 0 });

    expect(running()).toBe(before);
    expect(await askOther(other, "carol")).toBe("200");
  });
});
