import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { inspect } from "../../toolchain/inspect.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const UP = "npm run up -- --stack prod";

/** A machine that has nothing. */
function bareMachine() {
  const folder = temporaryFolder();
  const env = { PATH: folder, PULUMI_HOME: join(folder, "home"), DOCKER_HOST: `unix://${folder}/docker.sock` };
  return { env, cache: join(folder, "cache") };
}

/** Two ports that this process listens on. */
async function listening() {
  const servers = [createServer(), createServer()] as const;
  await Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  const [own, taken] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
  return { own, taken, close: () => servers.forEach((server) => server.close()) };
}

describe("inspect", () => {
  it("says of each need what is there or how to get it, and changes nothing", async () => {
    const { env, cache } = bareMachine();
    const { own, taken, close } = await listening();
    const isOwn = (port: number) => Promise.resolve(port === own);
    const ports = { httpPort: own, httpsPort: taken };
    const findings = await inspect(UP, { image: "nginx:stable", isOwn, bindAddress: "127.0.0.1", ports }, env, cache);
    close();

    const missing = findings.filter(({ ok }) => !ok);
    expect(missing.map(({ name, mend }) => [name, mend])).toEqual([
      ["Pulumi engine", UP],
      ["Plugin tls", UP],
      ["Plugin docker", UP],
      [
        "Docker daemon",
        `no Docker daemon answers at ${env.DOCKER_HOST}, where DOCKER_HOST points: start it, or unset DOCKER_HOST`,
      ],
      ["Image nginx:stable", UP],
      [`Port ${taken}`, "stop it, or choose another port with httpsPort in the stack's configuration"],
    ]);
    expect(missing.at(-1)?.found).toMatch(new RegExp(`^taken by \\S.* \\(pid ${process.pid}\\)$`));
    expect(findings).toContainEqual({ name: `Port ${own}`, ok: true, found: "the lab's own" });
    expect(existsSync(cache)).toBe(false);
  });

  it("leaves out what a stack without a site does not need", async () => {
    const { env, cache } = bareMachine();

    const names = (await inspect(UP, undefined, env, cache)).map(({ name }) => name);
    expect(names).toEqual(["Node.js", "npm", "go", "Disk", "Pulumi engine", "Plugin tls", "Plugin docker"]);
  });
});
