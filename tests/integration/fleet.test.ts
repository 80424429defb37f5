/** The life of a lab with many clients, on the real engine, daemon and nginx. The steps follow each other. */
import { existsSync, lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { Status } from "../../cli/status.ts";
import { docker, LiveLab, NOTHING } from "../live-lab.ts";
import { openssl, x509 } from "../openssl.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const NAMES = Array.from({ length: 20 }, (_, index) => `sensor-${index + 1}`);
const [FIRST, SECOND, THIRD, ...REST] = NAMES as [string, string, string, ...string[]];
const FILES = ["client.crt", "chain.crt", "client.key", "client.p12", "password"];
/** The lab's resources, and the fleet with its component. */
const RESOURCES = Number.parseInt(NOTHING[0]!) + 2;
const UNCHANGED = [`${RESOURCES} unchanged`];

const lab = new LiveLab("fleet");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

/** Identity, time of change and content of every file of some clients: another if it was touched in any way. */
function traces(names: string[]): string[] {
  const paths = names.flatMap((name) => FILES.map((file) => lab.file(join("clients", name, file))));
  return paths.map((path) => {
    const { ino, mtimeNs } = lstatSync(path, { bigint: true });
    return `${path} ${ino} ${mtimeNs} ${readFileSync(path, "base64")}`;
  });
}

/** The HTTP status that each client gets. */
async function statuses(names: string[]): Promise<number[]> {
  const got: number[] = [];
  for (const name of names) got.push((await lab.curl("/whoami", ...lab.as(name))).status);
  return got;
}

/** Which key and which certificate a client has on disk. */
function identityOf(name: string): { key: string; serial: string } {
  const at = (file: string) => lab.file(join("clients", name, file));
  const cert = readFileSync(at("client.crt"), "utf8");
  expect(x509(cert, "-pubkey")).toBe(openssl(["pkey", "-pubout", "-in", at("client.key")]));
  const password = `file:${at("password")}`;
  expect(openssl(["pkcs12", "-in", at("client.p12"), "-passin", password, "-nokeys", "-clcerts"])).toContain(cert);
  return { key: readFileSync(at("client.key"), "utf8"), serial: x509(cert, "-serial") };
}

describe("a lab with a fleet", () => {
  it("comes up, and lets every one of its clients in", async () => {
    lab.configure({ fleet: NAMES });

    expect(await lab.up()).toEqual([`${RESOURCES} created`]);
    expect(await statuses([...NAMES, "alice"])).toEqual(Array.from({ length: 21 }, () => 200));
    expect(JSON.parse((await lab.curl("/whoami", ...lab.as(THIRD))).body)).toMatchObject({
      verify: "SUCCESS",
      subject: `CN=${THIRD},O=Jack-GM`,
    });
    const { stdout } = await lab.lab("pulumi", "stack", "output", "clients", "--json");
    expect(Object.keys(JSON.parse(stdout) as object).sort()).toEqual(["alice", "bob", ...NAMES].sort());
  });

  it("changes nothing when nothing changed: up, preview, refresh", async () => {
    expect(await lab.up()).toEqual(UNCHANGED);
    expect((await lab.lab("pulumi", "preview", "--expect-no-changes")).status).toBe(0);
    expect((await lab.lab("pulumi", "refresh", "--yes", "--skip-preview", "--expect-no-changes")).status).toBe(0);
  });

  it("has no key and no password of its clients in clear in its state", () => {
    const state = readFileSync(join(lab.root, `.lab/state/.pulumi/stacks/mtls-lab/${lab.stack}.json`), "utf8");

    for (const file of ["client.key", "password"]) {
      const secret = readFileSync(lab.file(join("clients", FIRST, file)), "utf8")
        .split("\n")
        .at(file === "password" ? 0 : 1)!;
      expect(state.includes(secret)).toBe(false);
    }
    expect(state).not.toContain("PRIVATE KEY");
  });

  it("shows in a preview which clients come, and what of the others is known", async () => {
    lab.configure({ fleet: [...NAMES, "sensor-21"], revoked: { [SECOND]: "keyCompromise" } });
    const { stdout } = await lab.lab("preview");

    expect(stdout).toMatch(/~ clients: {\n +\+ sensor-21: {}\n +}/);
    const { serial } = identityOf(SECOND);
    expect(stdout).toContain(`serialNumber: "${serial.trim().replace("serial=", "")}"`);
    expect(existsSync(lab.file("clients/sensor-21"))).toBe(false);
  });

  it("adds a client, and touches nothing of anybody else", async () => {
    const before = traces(NAMES);
    const started = docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container);
    lab.configure({ fleet: [...NAMES, "sensor-21"] });

    expect(await lab.up()).toEqual(["1 updated", `${RESOURCES - 1} unchanged`]);
    expect(traces(NAMES)).toEqual(before);
    expect(docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container)).toBe(started);
    expect(await statuses(["sensor-21"])).toEqual([200]);
  });

  it("removes a client with its files, and touches nothing of anybody else", async () => {
    const before = traces(NAMES);
    lab.configure({ fleet: NAMES });

    expect(await lab.up()).toEqual(["1 updated", `${RESOURCES - 1} unchanged`]);
    expect(existsSync(lab.file("clients/sensor-21"))).toBe(false);
    expect(traces(NAMES)).toEqual(before);
  });

  it("mends a file that was removed, and touches nothing of anybody else", async () => {
    const before = traces([FIRST, ...REST]);
    const { key, serial } = identityOf(SECOND);
    rmSync(lab.file(`clients/${SECOND}/client.key`));

    expect(await lab.up()).toEqual(["1 updated", `${RESOURCES - 1} unchanged`]);
    expect(identityOf(SECOND)).toEqual({ key, serial });
    expect(traces([FIRST, ...REST])).toEqual(before);
    expect(await lab.up()).toEqual(UNCHANGED);
  });

  it("renews a client that is told to, with the same key", async () => {
    const before = traces([FIRST, ...REST]);
    const { key, serial } = identityOf(SECOND);
    expect((await lab.lab("renew", SECOND)).status).toBe(0);

    expect(identityOf(SECOND).key).toBe(key);
    expect(identityOf(SECOND).serial).not.toBe(serial);
    expect(traces([FIRST, ...REST])).toEqual(before);
    expect(await lab.up()).toEqual(UNCHANGED);
  });

  it("keeps out a client that is revoked, and nobody else", async () => {
    expect((await lab.lab("revoke", FIRST)).status).toBe(0);

    expect(await statuses([FIRST, SECOND, ...REST])).toEqual([400, ...[SECOND, ...REST].map(() => 200)]);
    expect((await lab.lab("unrevoke", FIRST)).status).toBe(0);
    expect(await statuses([FIRST])).toEqual([200]);
  });

  it("shows the first of its clients to people, and all of them to programs", async () => {
    const { certificates } = JSON.parse((await lab.lab("status", "--json")).stdout) as Status;
    const { stdout } = await lab.lab("status");

    expect(certificates.map(({ name }) => name)).toEqual(["root", "intermediate", "server", "alice", "bob", ...NAMES]);
    expect(stdout).toContain(` ${NAMES[14]} `);
    expect(stdout).not.toContain(` ${NAMES[15]} `);
    expect(stdout).toMatch(/^and 5 more: 0 revoked, the first ends in 364 days; all of them: --json$/m);
  });

  it("is mended by up after the engine was killed while it issued all of them anew", async () => {
    const olds = NAMES.map(identityOf);
    const isAnother = (name: string, index: number) =>
      x509(readFileSync(lab.file(`clients/${name}/client.crt`), "utf8"), "-serial") !== olds[index]!.serial;
    lab.configure({ fleet: NAMES, clientValidityHours: 8000 });
    expect((await lab.labKilledWhen(() => isAnother(FIRST, 0), "up")).status).toBe(1);

    await lab.up();
    const news = NAMES.map(identityOf);
    expect(news.map(({ key }) => key)).toEqual(olds.map(({ key }) => key));
    expect(news.filter(({ serial }, index) => serial === olds[index]!.serial)).toEqual([]);
    expect(await lab.up()).toEqual(UNCHANGED);
    expect(await statuses(NAMES)).toEqual(NAMES.map(() => 200));
  });

  it("is mended by up after the engine was killed while it made them", async () => {
    expect((await lab.lab("down")).status).toBe(0);
    lab.configure({ fleet: NAMES });
    expect((await lab.labKilledWhen(() => existsSync(lab.file(`clients/${FIRST}/client.crt`)), "up")).status).toBe(1);

    await lab.up();
    NAMES.map(identityOf);
    expect(await lab.up()).toEqual(UNCHANGED);
    expect(await statuses(NAMES)).toEqual(NAMES.map(() => 200));
  });

  it("goes with all of its clients, and leaves the others", async () => {
    lab.configure({});

    expect(await lab.up()).toEqual(["2 deleted", ...NOTHING]);
    expect(NAMES.filter((name) => existsSync(lab.file(`clients/${name}`)))).toEqual([]);
    expect(await statuses(["alice", "bob"])).toEqual([200, 200]);
    expect((await lab.lab("down")).status).toBe(0);
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
  });
});
