import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { dockerDaemon, whyNotStart, type Machine } from "../../toolchain/docker-daemon.ts";
import { Failure } from "../../toolchain/failure.ts";
import { obtain } from "../../toolchain/need.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const usual = { address: "unix:///var/run/docker.sock", chosen: false };
const debian: Machine = { platform: "linux", root: true, apt: true, systemd: false, dockerd: false };

describe("whyNotStart", () => {
  it.each<[string, Machine]>([
    ["to root on Debian, which can install it", debian],
    ["to root where it is installed, whatever the system", { ...debian, apt: false, dockerd: true }],
  ])("leaves the start %s", (_, machine) => {
    expect(whyNotStart(usual, machine)).toBeUndefined();
  });

  it.each<[string, Machine, string]>([
    [
      "not root, no Docker, Debian",
      { ...debian, root: false },
      "Docker is not installed, and only root may install it: run `sudo apt-get install docker.io`",
    ],
    [
      "not root, Docker with systemd",
      { ...debian, root: false, dockerd: true, systemd: true },
      "no Docker daemon answers at unix:///var/run/docker.sock, and only root may start one: " +
        "run `sudo systemctl start docker`",
    ],
    [
      "not root, Docker without systemd",
      { ...debian, root: false, dockerd: true },
      "no Docker daemon answers at unix:///var/run/docker.sock, and only root may start one: run `sudo dockerd`",
    ],
    [
      "root, no Docker, another Linux",
      { ...debian, apt: false },
      "Docker is not installed: see https://docs.docker.com/engine/install/",
    ],
    [
      "macOS",
      { ...debian, platform: "darwin" },
      "no Docker daemon answers at unix:///var/run/docker.sock: start Docker Desktop",
    ],
  ])("says what to run: %s", (_, machine, sentence) => {
    expect(whyNotStart(usual, machine)).toBe(sentence);
  });
});

describe("dockerDaemon", () => {
  it.each(["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"])(
    "starts nothing where DOCKER_HOST=%s does not answer",
    async (address) => {
      const cache = join(temporaryFolder(), "cache");

      await expect(obtain(dockerDaemon(cache, { DOCKER_HOST: address }, debian), () => {})).rejects.toEqual(
        new Failure(`no Docker daemon answers at ${address}, where DOCKER_HOST points: start it, or unset DOCKER_HOST`),
      );
    },
  );

  it("takes the daemon that answers at DOCKER_HOST", async () => {
    const socket = join(temporaryFolder(), "docker.sock");
    const daemon = createServer((request, response) => response.end(request.url === "/_ping" ? "OK" : "?"));
    await once(daemon.listen(socket), "listening");
    const address = `unix://${socket}`;

    expect(await obtain(dockerDaemon("/nowhere", { DOCKER_HOST: address }, debian), () => {})).toEqual({
      value: { address, chosen: true },
      source: "running",
    });
    daemon.close();
  });
});
