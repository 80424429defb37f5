/** A lab on a Docker daemon that is reached by mutual TLS and sees nothing of this machine's lab. The steps follow each other. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { parse, stringify } from "yaml";

import { freePorts } from "../checkout.ts";
import { ExampleProgram } from "../example-program.ts";
import { LiveLab } from "../live-lab.ts";
import { SecondDockerd } from "../second-dockerd.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const keys = new ExampleProgram("remote-docker/daemon-keys.ts");
const lab = new LiveLab("upload");
const dockerd = new SecondDockerd();
const program = new ExampleProgram("remote-docker/sites.ts");

beforeAll(async () => {
  await keys.open();
  await keys.up();
  await dockerd.start({ daemon: keys.file("daemon"), client: keys.file("client") }, join(lab.root, ".lab"));
  lab.env = dockerd.env;
  await lab.open();
});
afterAll(async () => {
  try {
    await lab.remove();
    await program.remove();
  } finally {
    await dockerd.remove();
    await keys.remove();
  }
});

/** Runs a command in the site's container. */
const inContainer = (...command: string[]) => dockerd.docker("exec", lab.container, ...command);
/** Runs a shell command on the volume, as its files' owner. */
const inVolume = (command: string) =>
  dockerd.docker(
    ...["run", "--rm", "--user", inContainer("id", "-u"), "--volume", `${lab.container}:/v`, "--workdir", "/v"],
    ...["--entrypoint", "sh", "nginx:stable", "-c", command],
  );
const containers = () => dockerd.docker("ps", "--all", "--format", "{{.Names}}");
/** Which container it is, and since when it runs. */
const running = () => dockerd.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", lab.container);

describe("a lab whose Docker daemon is on another machine", () => {
  it("is refused in one sentence while its files are to be mounted, and nothing runs", async () => {
    const { status, stdout } = await lab.lab("up");

    expect(status).toBe(1);
    expect(stdout).toContain(
      `Docker has no ${lab.file("site")}, for it runs on another machine: set 'delivery' to upload`,
    );
    expect(containers()).toBe("");
  });

  it("comes up when they are uploaded, and lets in whom it should", async () => {
    lab.configure({ delivery: "upload" });
    await lab.up();

    expect(await lab.curl("/whoami")).toMatchObject({ status: 400 });
    expect(await lab.curl("/whoami", ...lab.as("alice"))).toMatchObject({ status: 200 });
    expect(containers()).toBe(lab.container);
  });

  it("keeps its files in a volume, for nginx's user only", () => {
    const listed = inContainer("ls", "-l", "/etc/nginx/site", "/etc/nginx/site/current/");

    expect(listed).toMatch(/^l.* current -> v1$/m);
    expect(listed).toMatch(/^drwx------ .* v1$/m);
    expect(listed).toMatch(/^-rw------- .* server\.key$/m);
    expect(inContainer("ls", "-ld", "/etc/nginx/site")).toMatch(/^drwx------ /);
    expect(dockerd.docker("inspect", lab.container)).not.toContain("PRIVATE KEY");
  });

  it("sees nothing to do in a second update, and in a refresh", async () => {
    expect(await lab.up()).toEqual(["31 unchanged"]);
    expect(await lab.lab("pulumi", "refresh", "--yes", "--expect-no-changes")).toMatchObject({ status: 0 });
  });

  it("serves a renewed certificate from the same container, and keeps nothing of the version before", async () => {
    const [before, serial] = [running(), lab.servedSerial()];
    expect(await lab.lab("renew", "server")).toMatchObject({ status: 0 });

    expect(lab.servedSerial()).not.toBe(serial);
    expect(running()).toBe(before);
    expect(inVolume("ls")).toBe("current\nv2");
  });

  it.each([
    ["a file that was edited", 'echo "# edited" >> current/nginx.conf'],
    ["all of it removed", "rm -r current v*"],
  ])("mends %s in the volume, in the same container", async (_, damage) => {
    const before = running();
    const content = "cat current/nginx.conf current/client-ca.crl && ls -l current/server.key";
    const whole = inVolume(content);
    inVolume(damage);

    expect((await lab.lab("preview")).stdout).toContain("~ mtls:index:SiteUpload: (update)");
    await lab.up();

    const withoutDates = (text: string) => text.replace(/\w{3} +\d+ \d+:\d+/, "");
    expect(withoutDates(inVolume(content))).toBe(withoutDates(whole));
    expect(running()).toBe(before);
    expect(await lab.curl("/whoami", ...lab.as("alice"))).toMatchObject({ status: 200 });
  });

  it("mends its container and its volume when both are gone", async () => {
    dockerd.docker("rm", "--force", lab.container);
    dockerd.docker("volume", "rm", lab.container);
    await lab.up();

    expect(await lab.curl("/whoami", ...lab.as("alice"))).toMatchObject({ status: 200 });
    expect(await lab.up()).toEqual(["31 unchanged"]);
  });

  it("stays as it was when nginx refuses what is new", async () => {
    const [before, published] = [running(), inVolume("ls")];
    const template = join(lab.root, "templates/nginx.conf.mustache");
    const text = readFileSync(template, "utf8");
    writeFileSync(template, text.replace("ssl_verify_depth", "ssl_verify_deepth"));
    const { stdout } = await lab.lab("up");

    expect(stdout).toMatch(/the site stays as it was: .* \[emerg\] .*unknown directive "ssl_verify_deepth"/);
    expect([running(), inVolume("ls")]).toEqual([before, published]);
    writeFileSync(template, text);
    expect(await lab.up()).toEqual(["31 unchanged"]);
  });

  it("fails in one sentence when the daemon goes away in the middle, and is mended by the next update", async () => {
    const { status } = await lab.labDisturbedAt("site-files updating", () => dockerd.stop(), "renew", "server");
    expect(status).toBe(1);
    await dockerd.resume();

    await lab.up();
    expect(await lab.curl("/whoami", ...lab.as("alice"))).toMatchObject({ status: 200 });
    expect(await lab.up()).toEqual(["31 unchanged"]);
  });

  it("leaves nothing on the daemon when it is taken down", async () => {
    expect(await lab.lab("down")).toMatchObject({ status: 0 });

    expect(containers()).toBe("");
    expect(dockerd.docker("volume", "ls", "--quiet")).toBe("");
  });
});

describe("a program with sites on several daemons", () => {
  /** Ports of the sites, by name. */
  const ports: Record<string, number> = {};

  const ids = () => dockerd.docker("ps", "--format", "{{.Names}} {{.ID}}").split("\n").sort();
  const declare = (names: string[]) => program.write("Pulumi.yaml", stringify(withHosts(names)));
  const withHosts = (names: string[]) => ({
    ...(parse(program.read("Pulumi.yaml")) as object),
    config: {
      certPath: { type: "string", default: keys.file("client") },
      hosts: {
        type: "array",
        items: { type: "object" },
        default: names.map((name) => ({
          ...{ name, dockerHost: dockerd.env.DOCKER_HOST, address: "127.0.0.1" },
          ...{ httpPort: ports[`${name}:80`], httpsPort: ports[name] },
        })),
      },
    },
  });

  beforeAll(async () => {
    await program.open();
    [ports.web1, ports["web1:80"], ports.web2, ports["web2:80"]] = (await freePorts(4)) as [
      number,
      number,
      number,
      number,
    ];
  });

  it("has each where its providers say, whatever DOCKER_HOST says", async () => {
    declare(["web1", "web2"]);
    await program.up();
    program.write("root.crt", await program.succeed("stack", "output", "rootCertPem"));

    for (const name of ["web1", "web2"]) {
      program.port = ports[name]!;
      expect(await program.curl(`${name}.example`, "root.crt", "alice")).toBe(200);
      expect(await program.curl(`${name}.example`, "root.crt")).toBe(400);
    }
    expect(ids()).toHaveLength(2);
    await program.up("--expect-no-changes");
  });

  it("takes one away without touching the other", async () => {
    const [, web2] = ids();
    declare(["web2"]);
    await program.up();

    expect(ids()).toEqual([web2]);
    expect(await program.curl("web2.example", "root.crt", "alice")).toBe(200);
  });

  it("leaves nothing on the daemon when it is destroyed", async () => {
    await program.succeed("destroy", "--yes", "--skip-preview");

    expect(containers()).toBe("");
    expect(dockerd.docker("volume", "ls", "--quiet")).toBe("");
  });
});
