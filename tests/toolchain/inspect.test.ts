import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { inspect } from "../../toolchain/inspect.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("inspect", () => {
  it("says of each need what is there or how to get it, and changes nothing", async () => {
    const folder = temporaryFolder();
    const cache = join(folder, "cache");
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const env = { PATH: folder, PULUMI_HOME: join(folder, "home"), DOCKER_HOST: `unix://${folder}/docker.sock` };
    const site = { image: "nginx:stable", container: "site", bindAddress: "127.0.0.1", ports: { httpsPort: port } };
    const findings = await inspect(site, env, cache);
    server.close();

    const missing = findings.filter(({ ok }) => !ok);
    expect(missing.map(({ name, mend }) => [name, mend])).toEqual([
      ["Pulumi engine", "npm run up"],
      ["Plugin tls", "npm run up"],
      ["Plugin docker", "npm run up"],
      [
        "Docker daemon",
        `no Docker daemon answers at unix://${folder}/docker.sock, where DOCKER_HOST points: start it, or unset DOCKER_HOST`,
      ],
      ["Image nginx:stable", "npm run up"],
      [`Port ${port}`, "stop it, or choose another port with httpsPort in the stack's configuration"],
    ]);
    expect(missing.at(-1)?.found).toMatch(new RegExp(`^taken by \\S.* \\(pid ${process.pid}\\)$`));
    expect(existsSync(cache)).toBe(false);
  });
});
