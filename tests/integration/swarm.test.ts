/**
 * A lab as a service of a real swarm of three nodes. The steps follow each other. The kernel that this was written on cannot balance
 * load between nodes (no IPVS), so the ports are published by the nodes that run a task; `ingress` is declared in tests/components.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { Status } from "../../cli/status.ts";
import { setUp } from "../../toolchain/set-up.ts";
import { LiveLab } from "../live-lab.ts";
import { Load, type Tally } from "../load.ts";
import { settingsIn } from "../readme.ts";
import { SwarmNodes } from "../swarm-nodes.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const IMAGE = "nginx:stable";
const OWN = `mtls-lab-it-swarm-${process.pid}-site`;
const nodes = new SwarmNodes(3);
const lab = new LiveLab("swarm");

/** What the swarm has, by name: services, secrets and configs, and nodes that are ready. */
function swarm() {
  const names = (...args: string[]) =>
    nodes
      .docker(0, ...args)
      .split("\n")
      .filter(Boolean)
      .sort();
  return {
    services: names("service", "ls", "--format", "{{.Name}} {{.Replicas}}"),
    secrets: names("secret", "ls", "--format", "{{.Name}}"),
    configs: names("config", "ls", "--format", "{{.Name}}"),
    nodes: names("node", "ls", "--format", "{{.ID}} {{.Status}} {{.Availability}}"),
  };
}

/** Puts what is not the lab's into the swarm: a service, a secret and a config. */
function foreign(): void {
  for (const kind of ["secret", "config"]) nodes.docker(0, kind, "create", "foreign", "/etc/hostname");
  const image = nodes.docker(0, "image", "inspect", "--format", "{{.Id}}", IMAGE); // by its id nobody looks for it in a registry
  const given = ["--name", "foreign", "--secret", "foreign", "--config", "foreign", "--stop-grace-period", "0s"];
  nodes.docker(0, "service", "create", "--quiet", ...given, "--entrypoint", "tail", image, "-f", "/dev/null");
}

/** Containers of the site, each with its node. */
function containers(): { node: number; id: string }[] {
  return [...nodes.addresses.keys()].flatMap((node) => {
    const ids = nodes.docker(node, "ps", "--quiet", "--no-trunc", "--filter", `name=${OWN}`);
    return ids
      .split("\n")
      .filter(Boolean)
      .map((id) => ({ node, id }));
  });
}

async function status(): Promise<Status> {
  const { stdout } = await lab.lab("status", "--json");
  return JSON.parse(stdout) as Status;
}

/** Serial numbers that are served, one for each node that serves. */
async function served(): Promise<string[]> {
  const { addresses = [] } = (await status()).service ?? {};
  return addresses.map((address) => {
    lab.address = address;
    return lab.servedSerial();
  });
}

/** Does something under a load of alice's, and returns what her requests have met. */
async function underLoad(change: () => Promise<unknown>): Promise<Tally> {
  const target = {
    host: lab.host,
    port: lab.httpsPort,
    rootCert: lab.file("root.crt"),
    clients: [lab.file("clients/alice")],
  };
  const load = new Load({ ...target, addresses: nodes.addresses }, { anew: 2, kept: 2 });
  await change().finally(() => load.stop());
  return load.tally();
}

const [inSwarm] = settingsIn("docs/swarm.md");
const settings = { ...inSwarm, publishMode: "host" };
let before: ReturnType<typeof swarm>;

beforeAll(async () => {
  await setUp({ docker: true, image: IMAGE });
  await nodes.open(IMAGE);
  lab.env = { ...process.env, DOCKER_HOST: nodes.host() };
  await lab.open();
  lab.configure(settings);
});
afterAll(async () => {
  try {
    await lab.remove();
  } finally {
    await nodes.remove();
  }
});

describe("a lab in a swarm", () => {
  it("needs one: the user is told how to make it", async () => {
    const { status, stderr } = await lab.lab("up");

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "the Docker daemon is in no swarm, and target is swarm: docker swarm init makes it one of a single node\n",
    });
  });

  it("is a service that runs as often as is said, each with the files that it needs, and keys that nobody else reads", async () => {
    nodes.join();
    foreign();
    before = swarm();

    expect(await lab.up()).toEqual(["39 created"]);

    expect(swarm()).toEqual({
      services: ["foreign 1/1", `${OWN} 2/2`],
      secrets: ["foreign", expect.stringMatching(new RegExp(`^${OWN}-server\\.key-v1-`))],
      configs: ["foreign", ...Array.from({ length: 9 }, () => expect.stringContaining(`${OWN}-`))],
      nodes: before.nodes,
    });
    const { service } = await status();
    expect(service).toMatchObject({ name: OWN, state: "running", replicas: { running: 2, desired: 2 } });
    expect(service!.addresses).toHaveLength(2);
    expect(new Set(await served()).size).toBe(1);
    expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
    expect((await lab.curl("/whoami")).status).toBe(400);

    const [{ node, id } = { node: 0, id: "" }] = containers();
    const key = nodes.docker(node, "exec", id, "ls", "-ln", "/etc/nginx/site/current/server.key");
    expect(key).toMatch(/^-rw------- +1 101 +101 /);
    const confined = "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Memory}} {{.Config.User}}";
    expect(nodes.docker(node, "inspect", "--format", confined, id)).toBe(`true [ALL] ${128 * 2 ** 20} 101:101`);
  });

  it("has no key in clear in its state, and none in what Docker tells", () => {
    const key = readFileSync(lab.file("site/current/server.key"), "utf8");
    const line = key.split("\n")[1]!;
    const encoded = Buffer.from(key).toString("base64").slice(60, 120);
    expect([line, encoded].map((part) => part.length)).toEqual([64, 60]);
    const state = readFileSync(join(lab.root, `.lab/state/.pulumi/stacks/mtls-lab/${lab.stack}.json`), "utf8");
    const told = [
      ...containers().map(({ node, id }) => nodes.docker(node, "inspect", id)),
      nodes.docker(0, "service", "inspect", OWN),
      ...swarm().secrets.map((name) => nodes.docker(0, "secret", "inspect", name)),
      nodes.docker(0, "service", "logs", "--raw", OWN),
    ];
    for (const text of [state, ...told]) for (const part of [line, encoded]) expect(text).not.toContain(part);
  });

  it("is left alone by an update that has nothing to do, also after a look at the world", async () => {
    expect(await lab.up()).toEqual(["39 unchanged"]);
    const { status, stdout } = await lab.lab("pulumi", "preview", "--refresh", "--expect-no-changes");
    expect([status, stdout]).toEqual([0, expect.stringContaining("39 unchanged")]);
  });

  it("takes a new key and certificate without a lost request, and the old secret goes", async () => {
    const [old = ""] = await served();
    const oldSecret = swarm().secrets.find((name) => name.startsWith(OWN));
    const urn = `urn:pulumi:${lab.stack}::mtls-lab::mtls:index:ServerCert$tls:index/privateKey:PrivateKey::server-key`;
    const tally = await underLoad(() => lab.lab("pulumi", "up", "--yes", "--skip-preview", "--replace", urn));

    expect(tally.failures).toEqual([]);
    expect(tally.requests).toBeGreaterThan(100);
    const { certificates } = await status();
    const serial = certificates.find(({ name }) => name === "server")?.serialNumber;
    expect(serial).not.toBe(old);
    expect(await served()).toEqual([serial, serial]);
    const { secrets, configs } = swarm();
    expect(secrets).toEqual(["foreign", expect.stringMatching(/-server\.key-v2-\w+$/)]);
    expect(secrets).not.toContain(oldSecret);
    expect(configs).toHaveLength(10);
  });

  it("revokes a client and takes another page without a lost request of another", async () => {
    const page = join(lab.root, "templates/pages/index.html.mustache");
    writeFileSync(page, readFileSync(page, "utf8").replace("</main>", "<p>another</p></main>"));
    const tally = await underLoad(() => lab.lab("revoke", "bob"));

    expect(tally.failures).toEqual([]);
    for (const address of (await status()).service!.addresses) {
      lab.address = address;
      expect((await lab.curl("/", ...lab.as("bob"))).status).toBe(400);
      expect((await lab.curl("/", ...lab.as("alice"))).body).toContain("<p>another</p>");
    }
  });

  it("stays as it was where a task cannot run, says why, and goes on from there", async () => {
    const container = nodes.docker(0, "create", IMAGE);
    nodes.docker(0, "commit", "--change", "LABEL only=here", container, "only:here"); // the other nodes do not have it
    nodes.docker(0, "rm", container);
    const before = await served();
    lab.configure({ ...settings, revoked: { bob: "unspecified" }, image: "only:here", http2: true });
    let failed = { status: 0, stdout: "" };
    const tally = await underLoad(async () => (failed = await lab.lab("up")));

    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(
      /error: the service does not run as declared: the swarm went back to .*; the last task: No such image: sha256:/,
    );
    expect(tally.failures).toEqual([]);
    expect(await served()).toEqual(before);

    lab.configure({ ...settings, revoked: { bob: "unspecified" } });
    await lab.up();
    expect((await status()).service!.replicas).toEqual({ running: 2, desired: 2 });
    expect(swarm().configs).toHaveLength(10);
    expect(await served()).toEqual(before); // and asks a node that serves now
    expect((await lab.curl("/whoami", "--http2", ...lab.as("alice"))).status).toBe(200);
  });

  it("replaces a task that was killed", async () => {
    const [{ node, id } = { node: 0, id: "" }] = containers();
    nodes.docker(node, "kill", id);
    while (containers().length < 2 || containers().some((one) => one.id === id)) await sleep(100);
    while ((await status()).service?.replicas.running !== 2) await sleep(100);

    expect(await lab.up()).toEqual(["39 unchanged"]);
  });

  it("shows what all its tasks have logged", async () => {
    const { addresses } = (await status()).service!;
    for (const [index, address] of addresses.entries()) {
      lab.address = address;
      await lab.curl(`/task-${index}`, ...lab.as("alice"));
    }
    const { stdout } = await lab.lab("logs", "--tail", "20");
    for (const index of addresses.keys()) expect(stdout).toMatch(new RegExp(` 404 +GET /task-${index} +CN=alice,`));
  });

  it("leaves the swarm as it was when it goes", async () => {
    expect((await lab.lab("down")).status).toBe(0);

    expect(swarm()).toEqual(before);
    expect(containers()).toEqual([]);
  });
});
