import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type Docker from "dockerode";

import { dockerClient, dockerHost } from "../../toolchain/docker-host.ts";
import { buildNginxImage } from "../../toolchain/nginx-build.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

let docker: Docker;
let image = "";

beforeAll(async () => {
  docker = await dockerClient(dockerHost());
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-"));
  const answer = await docker.loadImage(createReadStream(await buildNginxImage(folder, () => {})));
  image = /sha256:\w+/.exec(await text(answer))?.[0] ?? "";
  rmSync(folder, { recursive: true });
});

afterAll(async () => {
  // Without `force` it stays where it is the image that the lab itself uses: the same packages give the same image.
  if ((await docker.getImage(image).inspect()).RepoTags.length === 0) await docker.getImage(image).remove();
});

/** Runs a command as the site's container is run, and returns what it prints. */
async function inside(command: string[], user: string): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: command,
    User: user,
    Tty: true,
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: "none",
      Tmpfs: { "/tmp": "" },
    },
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString().trim();
  } finally {
    await container.remove({ force: true });
  }
}

describe("the image that is built from Debian's nginx", () => {
  it.each(["101:101", "4711:4711"])("runs nginx as %s, with nothing to write to but /tmp", async (user) => {
    const conf =
      "pid /tmp/pid; events {} http { client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e; include /etc/nginx/mime.types; }";
    const test = `echo '${conf}' > /tmp/nginx.conf && nginx -t -c /tmp/nginx.conf`;

    expect(await inside(["sh", "-c", test], user)).toMatch(
      /^nginx: the configuration file \S+ syntax is ok\s+nginx: .* test is successful$/,
    );
  });

  it("has TLS, a shell and a client for health checks, and the official image's user", async () => {
    expect(await inside(["nginx", "-V"], "101:101")).toMatch(/TLS SNI support enabled[^]*--with-http_ssl_module/);
    expect(await inside(["sh", "-c", "id && wget --help"], "101:101")).toMatch(
      /^uid=101\(nginx\) gid=101\(nginx\)[^]*BusyBox/,
    );
  });

  it("says where it comes from", async () => {
    const { Config } = await docker.getImage(image).inspect();

    expect(Config.Labels).toEqual({
      "org.opencontainers.image.title": "nginx",
      "org.opencontainers.image.version": expect.stringMatching(/^1\.\d+\.\d+/),
      "org.opencontainers.image.description": "built on this machine from Debian's nginx package",
    });
    expect(Config.Cmd).toEqual(["nginx", "-g", "daemon off;"]);
    expect((Config as { StopSignal?: string }).StopSignal).toBe("SIGQUIT");
  });
});
