/** Who is revoked is out at once, and stays out; nobody else notices. The steps follow each other. */
import { createHash, X509Certificate } from "node:crypto";
import { cpSync, existsSync, readFileSync } from "node:fs";
import https from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { Status } from "../../cli/status.ts";
import { docker, LiveLab, NOTHING } from "../live-lab.ts";
import { openssl } from "../openssl.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const HOUR_MS = 3_600_000;
const VERSIONS = ["tls1_2", "tls1_3"] as const;

const lab = new LiveLab("revocation");
const configure = (settings: Record<string, unknown>) => lab.configure({ crlValidityHours: 24, ...settings });
const pem = (path: string) => readFileSync(lab.file(path), "utf8");

/** The lists that nginx reads. */
function lists(): string[] {
  return pem("site/current/client-ca.crl").split(/(?<=-----END X509 CRL-----\n)/);
}

/** What OpenSSL reads in a list: its number, when it lapses, and the revoked serial numbers with their reasons. */
function said(crlPem: string) {
  const text = openssl(["crl", "-noout", "-text"], crlPem);
  const date = (name: string) => new Date(new RegExp(`${name} Update: (.*)`).exec(text)![1]!).getTime();
  const revoked = text.matchAll(/Serial Number: (\w+)\n.*\n.*\n +X509v3 CRL Reason Code: \n +(.*)\n/g);
  return {
    number: Number(/CRL Number: \n +(\d+)\n/.exec(text)![1]),
    hours: (date("Next") - date("Last")) / HOUR_MS,
    nextUpdate: new Date(date("Next")),
    revoked: Object.fromEntries([...revoked].map(([, serial, reason]) => [serial!, reason!])),
  };
}

function serialOf(client: string): string {
  return new X509Certificate(pem(`clients/${client}/client.crt`)).serialNumber;
}

/** HTTP status that each client gets. */
async function statuses(): Promise<Record<string, number>> {
  const [alice, bob] = [await lab.curl("/whoami", ...lab.as("alice")), await lab.curl("/whoami", ...lab.as("bob"))];
  return { alice: alice.status, bob: bob.status };
}

/** What a running container is known by: another one, or a restart, changes it. */
function containerIdentity(): string {
  return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container);
}

/** Path of the file with Alice's TLS session of a version. */
const session = (version: string) => join(lab.root, `${version}.session`);

/** Alice asks for /whoami with openssl s_client, and with a session if there is one; all that it prints. */
function ask(version: (typeof VERSIONS)[number], ...args: string[]): string {
  const folder = lab.file("clients/alice");
  const trust = ["-connect", `127.0.0.1:${lab.httpsPort}`, "-servername", lab.host, "-CAfile", lab.file("root.crt")];
  const identity = [
    "-cert",
    `${folder}/client.crt`,
    "-cert_chain",
    `${folder}/chain.crt`,
    "-key",
    `${folder}/client.key`,
  ];
  const request = `GET /whoami HTTP/1.1\r\nHost: ${lab.host}:${lab.httpsPort}\r\nConnection: close\r\n\r\n`;
  return openssl(["s_client", ...trust, ...identity, `-${version}`, "-ign_eof", ...args], request);
}

beforeAll(async () => {
  await lab.open();
  configure({});
  await lab.up();
});
afterAll(() => lab.remove());

describe("a lab in which nobody is revoked", () => {
  it("lets everybody in, and has a valid list of each CA, without an entry", async () => {
    expect(await statuses()).toEqual({ alice: 200, bob: 200 });

    const [issuing, root] = lists().map(said);
    expect(lists()).toHaveLength(2);
    expect(issuing).toMatchObject({ number: 1, revoked: {} });
    expect(issuing!.hours).toBeCloseTo(24 + 5 / 60, 5);
    // The root's lives as long as the root: its key may be far away.
    expect(root).toMatchObject({ number: 1, revoked: {} });
    expect(root!.nextUpdate).toEqual(new Date(new X509Certificate(pem("root.crt")).validTo));
  });

  it("says in status when each list lapses", async () => {
    const { stdout } = await lab.lab("status", "--json");
    const { revocationLists } = JSON.parse(stdout) as Status;

    expect(revocationLists.map(({ number, entries, nextUpdate }) => ({ number, entries, nextUpdate }))).toEqual(
      lists()
        .map(said)
        .map(({ number, nextUpdate }) => ({ number, entries: 0, nextUpdate: nextUpdate.toISOString() })),
    );
  });

  it("has a chain that openssl takes with the lists checked", () => {
    const chain = lab.file("clients/alice/chain.crt");
    const anchors = ["-CAfile", lab.file("root.crt"), "-CRLfile", lab.file("site/current/client-ca.crl")];

    expect(openssl(["verify", "-x509_strict", "-crl_check_all", ...anchors, "-untrusted", chain, chain])).toBe(
      `${chain}: OK\n`,
    );
  });

  it.each(VERSIONS)("lets Alice in with openssl, who keeps her session: %s", (version) => {
    expect(ask(version, "-sess_out", session(version))).toContain("HTTP/1.1 200 OK");
  });
});

describe("a lab in which Alice is revoked", () => {
  let before: { container: string; certificate: string };
  let connection: { agent: https.Agent; socket: Socket };
  beforeAll(async () => {
    before = { container: containerIdentity(), certificate: pem("clients/alice/client.crt") };
    connection = await connected();
    configure({ revoked: { alice: "keyCompromise" } });
  });
  afterAll(() => connection.agent.destroy());

  it("is updated in place: a list, the files and the reload", async () => {
    expect(await lab.up()).toEqual(["3 updated", "26 unchanged"]);
    expect(containerIdentity()).toBe(before.container);
    expect(pem("clients/alice/client.crt")).toBe(before.certificate);
  });

  it("refuses her in OpenSSL's words, with cause and cure, and lets Bob in", async () => {
    const { status, body } = await lab.curl("/whoami", ...lab.as("alice"));

    expect(status).toBe(400);
    expect(body).toContain("The SSL certificate error");
    expect(body).toContain("certificate revoked");
    expect(await statuses()).toEqual({ alice: 400, bob: 200 });
  });

  it("has her in the list of the CA that issued her certificate, and in no other", () => {
    const [issuing, root] = lists().map(said);

    expect(issuing).toMatchObject({ number: 2, revoked: { [serialOf("alice")]: "Key Compromise" } });
    expect(root).toMatchObject({ number: 1, revoked: {} });
  });

  it.each(VERSIONS)("takes no session from before: %s", (version) => {
    // Without tickets a TLS 1.3 client is given none at all.
    const resumed = existsSync(session(version)) ? ["-sess_in", session(version)] : [];
    const printed = ask(version, ...resumed);

    expect(printed).toContain("HTTP/1.1 400 Bad Request");
    expect(printed).toMatch(/^New, /m);
    expect(printed).not.toMatch(/^Reused, /m);
  });

  it("has closed the connection that she had open, and refuses her on another", async () => {
    expect(connection.socket.destroyed).toBe(true);
    expect((await whoami(connection.agent)).status).toBe(400);
  });

  it("sees nothing to do in a second update", async () => {
    expect(await lab.up()).toEqual(NOTHING);
    expect((await lab.lab("pulumi", "preview", "--expect-no-changes")).status).toBe(0);
  });

  it("says in a preview that her renewal is to come", async () => {
    configure({ revoked: { alice: "keyCompromise" }, renewed: { alice: now() } });
    const { status, stdout } = await lab.lab("pulumi", "preview", "--expect-no-changes");

    expect(status).not.toBe(0);
    expect(stdout).toMatch(/mtls:index:Certificate +alice-cert +replace/);
    expect(pem("clients/alice/client.crt")).toBe(before.certificate);
  });

  it("renews her certificate for the same key, and refuses the new one as well as the old one", async () => {
    const [key, oldSerial] = [pem("clients/alice/client.key"), serialOf("alice")];
    cpSync(lab.file("clients/alice"), join(lab.root, "old"), { recursive: true });
    const summary = await lab.up();

    expect(summary).toContain("1 replaced");
    expect(pem("clients/alice/client.key")).toBe(key);
    expect(publicKeyOf(pem("clients/alice/client.crt"))).toBe(publicKeyOf(before.certificate));
    expect(serialOf("alice")).not.toBe(oldSerial);
    expect(said(lists()[0]!)).toMatchObject({
      number: 3,
      revoked: { [oldSerial]: "Key Compromise", [serialOf("alice")]: "Key Compromise" },
    });
    expect(await statuses()).toEqual({ alice: 400, bob: 200 });
    expect((await lab.curl("/whoami", ...asOld())).status).toBe(400);
    expect(containerIdentity()).toBe(before.container);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("lets her in again when she is not revoked any more", async () => {
    configure({});
    await lab.up();

    expect(said(lists()[0]!)).toMatchObject({ number: 4, revoked: {} });
    expect(await statuses()).toEqual({ alice: 200, bob: 200 });
    expect(await lab.up()).toEqual(NOTHING);
  });
});

describe("a lab in which more is revoked", () => {
  it("refuses a certificate by its serial number", async () => {
    configure({ revoked: { [serialOf("bob")]: "superseded" } });
    await lab.up();

    expect(said(lists()[0]!).revoked).toEqual({ [serialOf("bob")]: "Superseded" });
    expect(await statuses()).toEqual({ alice: 200, bob: 400 });
  });

  it("refuses everybody when their CA is revoked, which stands in the root's list", async () => {
    configure({ revoked: { intermediate: "cACompromise" } });
    await lab.up();

    const intermediate = new X509Certificate(
      pem("clients/alice/chain.crt").split(/(?<=-----END CERTIFICATE-----\n)/)[1]!,
    );
    const [issuing, root] = lists().map(said);
    expect(issuing).toMatchObject({ number: 6, revoked: {} });
    expect(root).toMatchObject({ number: 2, revoked: { [intermediate.serialNumber]: "CA Compromise" } });
    expect(await statuses()).toEqual({ alice: 400, bob: 400 });
    expect((await lab.curl("/", ...lab.as("bob"))).body).toContain("certificate revoked");
  });

  it("refuses a reason that is none in one sentence, and stays as it is", async () => {
    configure({ revoked: { alice: "lost" } });
    const { status, stderr } = await lab.lab("up");
    configure({ revoked: { intermediate: "cACompromise" } });

    expect(status).toBe(2);
    expect(stderr).toMatch(/^Pulumi\..+\.yaml: configuration key 'revoked' must be a map of names or serial numbers/);
    expect(await statuses()).toEqual({ alice: 400, bob: 400 });
  });
});

/** The moment of now, as configuration has it. */
function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}

/** Alice's certificate from before its renewal. */
function asOld(): string[] {
  return ["--cert", join(lab.root, "old/chain.crt"), "--key", join(lab.root, "old/client.key")];
}

function publicKeyOf(certPem: string): string {
  const der = new X509Certificate(certPem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex");
}

/** A connection of Alice's that was let in and is kept open. */
async function connected(): Promise<{ agent: https.Agent; socket: Socket }> {
  const agent = new https.Agent({
    ...{ keepAlive: true, maxSockets: 1, servername: lab.host, ca: pem("root.crt") },
    ...{ cert: pem("clients/alice/chain.crt"), key: pem("clients/alice/client.key") },
  });
  const { status, socket } = await whoami(agent);
  expect({ status, isOpen: !socket.destroyed }).toEqual({ status: 200, isOpen: true });
  return { agent, socket };
}

function whoami(agent: https.Agent): Promise<{ status: number; socket: Socket }> {
  const headers = { host: `${lab.host}:${lab.httpsPort}` };
  return new Promise((resolve, reject) => {
    const sent = https.get({ host: "127.0.0.1", port: lab.httpsPort, path: "/whoami", agent, headers }, (response) => {
      const { socket } = response;
      response.resume().on("end", () => resolve({ status: response.statusCode!, socket }));
    });
    sent.on("error", reject);
  });
}
