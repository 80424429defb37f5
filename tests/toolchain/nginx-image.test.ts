import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { arch } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";

import { Failure } from "../../toolchain/failure.ts";
import { obtain } from "../../toolchain/need.ts";
import { nginxImage } from "../../toolchain/nginx-image.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const DIGEST = `nginx@sha256:${"0".repeat(64)}`;
const report = () => {};
let daemon: Server | undefined;

afterEach(async () => {
  await daemon?.[Symbol.asyncDispose]();
  daemon = undefined;
});

/** A daemon that has these images and no way to a registry. Tells what it was asked to do. */
async function fakeDaemon(...images: string[]) {
  const socket = join(temporaryFolder(), "docker.sock");
  const calls: string[] = [];
  daemon = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? "");
    request.resume().on("end", () => {
      if (request.method === "POST") calls.push(url);
      if (request.method === "GET") response.statusCode = images.some((each) => url.includes(each)) ? 200 : 404;
      if (url.startsWith("/images/create")) response.statusCode = 500;
      const answer = url.startsWith("/images/load")
        ? { stream: "Loaded image ID: sha256:abc\n" }
        : { message: "no such host" };
      response.setHeader("Content-Type", "application/json").end(`${JSON.stringify(answer)}\n`);
    });
  });
  await once(daemon.listen(socket), "listening");
  return { host: { address: `unix://${socket}`, chosen: true }, calls };
}

describe("nginxImage", () => {
  it("takes an image that the daemon has", async () => {
    const { host, calls } = await fakeDaemon("nginx:stable");

    expect((await obtain(nginxImage("nginx:stable", "/nowhere", host), report)).source).toBe("present");
    expect(calls).toEqual([]);
  });

  it.each([
    ["nginx:stable", "nginx", "stable"],
    ["nginx", "nginx", "latest"],
  ])("gives %s to a new daemon from the cache", async (reference, repository, tag) => {
    const { host, calls } = await fakeDaemon();
    const cache = temporaryFolder();
    writeFileSync(join(cache, `nginx-image-${arch()}.tar`), "tar");

    expect((await obtain(nginxImage(reference, cache, host), report)).source).toBe("cache");
    expect(calls).toEqual(["/images/load", `/images/sha256:abc/tag?repo=${repository}&tag=${tag}`]);
  });

  it.each(["nginx:1.29", "nginx:alpine", "example.com/nginx:stable", "nginxinc/nginx-unprivileged", DIGEST])(
    "puts no image of its own in the place of %s",
    (reference) => {
      const sources = nginxImage(reference, "/nowhere", { address: "unix:///nowhere", chosen: true }).sources;

      expect(sources.map(({ name }) => name)).toEqual(["present", "pull"]);
    },
  );

  it("says how to choose another image where this one cannot be pulled", async () => {
    const { host } = await fakeDaemon();

    await expect(obtain(nginxImage(DIGEST, "/nowhere", host), report)).rejects.toEqual(
      new Failure(
        `cannot get the image ${DIGEST}: tried present (not in the daemon), pull (no such host); ` +
          "choose another with `image` in the stack's configuration",
      ),
    );
  });
});
