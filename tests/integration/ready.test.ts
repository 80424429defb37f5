/** That `up` ends well only when the site is ready: what can keep it from that, on one lab. The steps follow each other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { docker, LiveLab, NOTHING } from "../live-lab.ts";
import { identity } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("ready");
const images = { ending: `${lab.stack}-ending:1`, empty: `${lab.stack}-empty:1` };

beforeAll(async () => {
  await lab.open();
  makeImages();
});

afterAll(async () => {
  await lab.remove();
  docker("rmi", ...Object.values(images));
});

/** An image whose nginx finds every configuration good and cannot serve one, and one without nginx. */
function makeImages(): void {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-image-"));
  const container = docker("create", "nginx:stable");
  docker("cp", `${container}:/usr/sbin/nginx`, join(folder, "nginx-itself"));
  const script = `#!/bin/sh
case " $* " in *" -t "*) exec /usr/sbin/nginx-itself "$@" ;; esac
echo "nginx: [emerg] this one does not serve" >&2
exit 3
`;
  writeFileSync(join(folder, "nginx"), script, { mode: 0o755 });
  docker("cp", `${folder}/.`, `${container}:/usr/sbin`);
  docker("commit", container, images.ending);
  docker("rm", container);
  writeFileSync(join(folder, "empty.tar"), Buffer.alloc(1024)); // the end of an archive
  docker("import", join(folder, "empty.tar"), images.empty);
  rmSync(folder, { recursive: true });
}

/** What an `up` that must fail says. */
async function failure(verb = "up", ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await lab.lab(verb, ...args);
  expect(status).not.toBe(0);
  return stdout + stderr;
}

const isReady = async () => {
  expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
  expect((await lab.curl("/whoami")).status).toBe(400);
};

/** Another program's server on the lab's port. */
async function somebodyElse(): Promise<tls.Server> {
  const { certPem: cert, privateKeyPem: key } = await identity({ subject: { commonName: "other" } });
  const server = tls.createServer({ cert, key }).listen(lab.httpsPort, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  return server;
}

/** The engine by hand: it knows nothing of ports, and not that a container has ended. */
const BY_HAND = ["pulumi", "up", "--yes", "--skip-preview"] as const;

describe("a lab", () => {
  it("that is made while another program has its port is mended by the next up", async () => {
    const other = await somebodyElse();
    expect(await failure(...BY_HAND)).toMatch(/Unable to start container: .*address already in use/);
    other.close();
    await lab.up();
    await isReady();
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("is not up with an nginx that ends at once, which it says in nginx's own words", async () => {
    lab.configure({ image: images.ending });
    expect(await failure()).toMatch(
      new RegExp(
        `the site at 127.0.0.1:${lab.httpsPort} is not what was declared \\(.+; its container is restarting, exit code 3\\); ` +
          "the last lines of nginx:\\n.*nginx: \\[emerg\\] this one does not serve",
        "s",
      ),
    );
    lab.configure({});
    await lab.up();
    await isReady();
  });

  it("stays as it was with an image that has no nginx", async () => {
    lab.configure({ image: images.empty });
    expect(await failure()).toMatch(
      /the image cannot run nginx, the site stays as it was: .*"nginx": executable file not found/,
    );
    await isReady();
    lab.configure({});
    expect(await lab.up()).toEqual(["1 replaced", "28 unchanged"]); // the name of the image in the state
    await isReady();
  });

  it("is not up while another program has its port, and is when that has ended", async () => {
    docker("kill", lab.container);
    const other = await somebodyElse();
    expect(await failure()).toContain(`port ${lab.httpsPort} on 127.0.0.1 is taken by node (pid ${process.pid})`);
    expect(await failure(...BY_HAND)).toMatch(/the site's container cannot run: .*address already in use/);
    other.close();
    expect((await lab.lab(...BY_HAND)).status).toBe(0);
    await isReady();
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("is seen and mended where the running nginx lets everybody in, though its files are as declared", async () => {
    const file = lab.file("site/current/nginx.conf");
    const conf = readFileSync(file, "utf8");
    writeFileSync(file, conf.replace(/(ssl_verify_client +)on;/, "$1off;"));
    docker("kill", "--signal", "HUP", lab.container);
    while ((await lab.curl("/whoami")).status !== 200);
    writeFileSync(file, conf);

    expect((await lab.lab("preview")).stdout).toMatch(/mtls:index:SiteReload: \(update\)/);
    expect(await lab.up()).toEqual(["1 updated", "28 unchanged"]);
    await isReady();
  });
});
