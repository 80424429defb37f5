/** The log of a real nginx: that each refusal has its own meaning. How `logs` shows it: logs.test.ts. */
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { entryOf, type ErrorEntry, type LogMessages } from "../../cli/log-entries.ts";
import { readTemplate } from "../../components/template-files.ts";
import { verifyErrors } from "../../components/verify-errors.ts";
import { issueCrl } from "../../provider/x509/crl.ts";
import { request, sendRaw } from "../http-client.ts";
import { type NginxContainer, startNginx, writeVersion } from "../nginx-container.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { openssl } from "../openssl.ts";
import { authorities, type Identity, identity, inDays } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const data = JSON.parse(readTemplate("log-messages.json")) as LogMessages;
const { errors } = verifyErrors();

/** What the sites differ in: what nginx knows of the clients' CAs. */
type Site = "site" | "intermediateOnly" | "listMissing" | "listEarly" | "listStale" | "revoking";

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-logs-"));
const running = {} as Record<Site, NginxContainer>;
let ca: string;
let clients: Record<string, Identity>;
let service: Identity;

beforeAll(async () => {
  const lab = await authorities("Lab");
  const other = await authorities("Other");
  ca = lab.root.certPem;
  const names = { dnsNames: DEV_VIEW.serverNames, ipAddresses: DEV_VIEW.ipAddresses };
  const server = await identity(
    { subject: { commonName: "lab.localhost" }, extendedKeyUsages: ["serverAuth"], ...names },
    lab.intermediate,
  );
  service = server;
  clients = await everyClient(lab, other, server);

  const crl = (issuer: Identity, { fromDay = -1, toDay = 1, revoked = [] as string[] } = {}) =>
    issueCrl(
      {
        number: 1,
        thisUpdate: inDays(fromDay),
        nextUpdate: inDays(toDay),
        entries: revoked.map((serialNumber) => ({
          serialNumber,
          reason: "keyCompromise",
          revokedAt: new Date().toISOString(),
        })),
      },
      issuer,
    );
  const rootList = await crl(lab.root);
  const { serialNumber } = new X509Certificate(clients.alice!.certPem);
  const sites: Record<Site, { clientCaPem?: string; crlPem?: string }> = {
    site: {},
    intermediateOnly: { clientCaPem: lab.intermediate.certPem },
    listMissing: { crlPem: rootList },
    listEarly: { crlPem: rootList + (await crl(lab.intermediate, { fromDay: 1, toDay: 2 })) },
    listStale: { crlPem: rootList + (await crl(lab.intermediate, { fromDay: -3, toDay: -2 })) },
    revoking: {
      crlPem: rootList + (await crl(lab.intermediate, { revoked: [serialNumber] })) + (await crl(clients.noLists!)),
    },
  };
  for (const [site, { clientCaPem = lab.root.certPem, crlPem }] of Object.entries(sites)) {
    const view = { ...DEV_VIEW, checksRevocation: crlPem !== undefined };
    writeVersion(join(folder, site), { view, server, clientCaPem, crlPem });
    running[site as Site] = await startNginx(folder, site);
  }
});

afterAll(async () => {
  await Promise.all(Object.values(running).map((container) => container.remove()));
  rmSync(folder, { recursive: true });
});

/** Sound clients and those of every fault; `chainPem` is what each sends. */
async function everyClient(
  { root, intermediate }: { root: Identity; intermediate: Identity },
  other: { root: Identity; intermediate: Identity },
  server: Identity,
): Promise<Record<string, Identity>> {
  const named = (commonName: string) => ({ subject: { commonName } });
  const ca = { isCa: true, keyUsages: ["keyCertSign" as const], extendedKeyUsages: [] };
  const alice = await identity(named("alice"), intermediate);
  const foreign = await identity(named("mallory"), other.intermediate);
  const nobody = await identity(named("nobody"));
  const tooDeep = await identity({ ...ca, ...named("Too deep CA") }, intermediate);
  const noLists = await identity({ ...ca, ...named("No lists CA") }, root);
  const shortCa = oldFashioned(
    root,
    "rsa:1024",
    "-sha256",
    "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n",
  );
  const nameConstraints = { permitted: { dnsNames: ["lab.test"] }, excluded: { dnsNames: ["no.lab.test"] } };
  const limited = await identity({ ...ca, ...named("Limited CA"), nameConstraints }, root);
  const unknown = { oid: "1.3.6.1.4.1.32473.1", critical: true, valueBase64: "DANsYWI=" };
  return {
    alice,
    server,
    damaged: { ...alice, chainPem: damaged(alice.certPem) + intermediate.certPem },
    early: await identity({ ...named("early"), fromDay: 1, toDay: 2 }, intermediate),
    late: await identity({ ...named("late"), fromDay: -3, toDay: -2 }, intermediate),
    selfSigned: { ...nobody, chainPem: nobody.certPem },
    foreign,
    foreignWithRoot: { ...foreign, chainPem: foreign.chainPem + other.root.certPem },
    leafOnly: { ...alice, chainPem: alice.certPem },
    tooDeep: await identity(named("deep"), tooDeep),
    ofNoCa: await identity(named("below"), alice),
    unknownExtension: await identity({ ...named("odd"), extensions: [unknown] }, intermediate),
    noLists,
    ofNoLists: await identity(named("unlisted"), noLists),
    outside: await identity({ ...named("outside"), dnsNames: ["other.test"] }, limited),
    excluded: await identity({ ...named("excluded"), dnsNames: ["a.no.lab.test"] }, limited),
    ofShortCa: await identity(named("short"), shortCa),
    shortKey: oldFashioned(intermediate, "rsa:1024", "-sha256", LEAF),
    sha1: oldFashioned(intermediate, "rsa:2048", "-sha1", LEAF),
  };
}

/** OpenSSL's extensions of a client. */
const LEAF = "extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n";

/** The certificate with another last octet, which is one of its signature. */
function damaged(certPem: string): string {
  const der = Buffer.from(certPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  der[der.length - 1]! ^= 1;
  return `-----BEGIN CERTIFICATE-----\n${der
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** A certificate that our own code refuses to make. */
function oldFashioned(issuer: Identity, key: string, digest: string, extensions: string): Identity {
  const path = (name: string) => join(folder, name);
  const files = {
    "ca.crt": issuer.certPem,
    "ca.key": issuer.privateKeyPem,
    ext: extensions,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  const asked = openssl(["req", "-new", "-newkey", key, "-noenc", "-keyout", path("key"), "-subj", "/CN=old"]);
  const signed = ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-extfile", path("ext"), "-days", "1", digest];
  const certPem = openssl(["x509", "-req", ...signed], asked);
  return { certPem, privateKeyPem: readFileSync(path("key"), "utf8"), chainPem: certPem + issuer.chainPem };
}

/** Asks a site for a path, and returns the status. Node.js's OpenSSL lets weak certificates go out. */
async function ask(site: Site, path: string, client?: string): Promise<number> {
  const shaken = { ca, servername: "lab.localhost", ciphers: "DEFAULT@SECLEVEL=0" };
  const identity = client === undefined ? undefined : clients[client]!;
  const { status } = await request({
    port: running[site].httpsPort,
    host: "lab.localhost",
    path,
    tls: { ...shaken, identity },
  });
  return status;
}

/** The entries of a container's error log that something is true of, once there is one; Docker hands them on a little later. */
async function errorsOf(site: Site | NginxContainer, isMeant: (entry: ErrorEntry) => boolean): Promise<ErrorEntry[]> {
  for (;;) {
    const lines = (await (typeof site === "string" ? running[site] : site).logs()).split("\n");
    const entries = lines.flatMap((text) => entryOf({ time: "", stream: "stderr", text }) ?? []);
    const found = entries.filter((entry) => entry.log === "error").filter(isMeant);
    if (found.length > 0) return found;
    await sleep(20);
  }
}

describe("a client certificate that nginx refuses", () => {
  const CASES: [code: number, client: string, site: Site][] = [
    [2, "alice", "intermediateOnly"],
    [3, "alice", "listMissing"],
    [7, "damaged", "site"],
    [9, "early", "site"],
    [10, "late", "site"],
    [11, "alice", "listEarly"],
    [12, "alice", "listStale"],
    [18, "selfSigned", "site"],
    [19, "foreignWithRoot", "site"],
    [20, "foreign", "site"],
    [21, "leafOnly", "site"],
    [23, "alice", "revoking"],
    [25, "tooDeep", "site"],
    [26, "server", "site"],
    [32, "ofNoCa", "site"],
    [34, "unknownExtension", "site"],
    [35, "ofNoLists", "revoking"],
    [47, "outside", "site"],
    [48, "excluded", "site"],
    [66, "shortKey", "site"],
    [67, "ofShortCa", "site"],
    [68, "sha1", "site"],
  ];

  it("is tried for every error that has a meaning", () => {
    expect(CASES.map(([code]) => code)).toEqual(errors.map(({ code }) => code));
  });

  it.each(CASES)("has OpenSSL's number and words, cause and cure: %i, %s", async (code, client, site) => {
    const { name, text, cause, cure } = errors.find((error) => error.code === code)!;
    expect(await ask(site, `/${client}`, client)).toBe(400);

    const [entry] = await errorsOf(site, ({ request }) => request === `GET /${client} HTTP/1.1`);
    expect(entry).toMatchObject({
      level: "info",
      message: `client SSL certificate verify error: (${code}:${text}) while reading client request headers`,
      code,
      name,
      cause,
      cure,
    });
  });
});

describe("a handshake that does not succeed", () => {
  /** Shakes hands as OpenSSL's client does, and gives up when the server does. */
  const shake = (options: tls.ConnectionOptions) =>
    new Promise<void>((resolve) => {
      const port = running.site.httpsPort;
      const shaken = { host: "127.0.0.1", port, servername: "lab.localhost", rejectUnauthorized: false };
      tls
        .connect({ ...shaken, ...options })
        .on("error", () => undefined)
        .on("close", () => resolve());
    });

  it.each(Object.entries(data.alerts))("by the client's alert %i has its meaning", async (number, meaning) => {
    await sendAlert(running.site.httpsPort, Number(number));
    const [entry] = await errorsOf("site", ({ alert }) => alert === Number(number));

    expect(entry).toMatchObject({ client: expect.any(String), server: "0.0.0.0:8443", ...meaning });
    // OpenSSL's words are the RFC's, but for the spelling and the names of SSL 3.0.
    const words = meaning.name.replace("canceled", "cancelled").replaceAll("_", " ");
    expect(entry!.message).toContain(`${words}:SSL alert number ${number}) while SSL handshaking`);
  });

  it.each<[reason: string, client: tls.ConnectionOptions]>([
    ["unsupported protocol", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
    ["no shared cipher", { maxVersion: "TLSv1.2", ciphers: "AES128-SHA" }],
    ["no suitable key share", { ecdhCurve: "P-521" }],
  ])("for the server's reason '%s' has its meaning", async (reason, client) => {
    await shake(client);
    const [entry] = await errorsOf("site", ({ message }) => message.includes(`SSL routines::${reason})`));
    expect(entry).toMatchObject(data.reasons[reason]!);
  });

  it.each<[words: string, client: () => Promise<unknown>]>([
    ["handshake rejected", () => shake({ servername: "other.example" })],
    [
      "peer closed connection in SSL handshake",
      async () => sendRaw(running.site.httpsPort, (await clientHello()).toString("latin1").slice(0, 3)),
    ],
    ["client closed connection while SSL handshaking", () => sendRaw(running.site.httpsPort, "")],
  ])("with the words '%s' has its meaning", async (words, client) => {
    await client();
    const [entry] = await errorsOf("site", ({ message }) => message.startsWith(words));
    expect(entry).toMatchObject(data.messages[words]!);
  });
});

describe("a request that is no good", () => {
  it.each<[words: string, client: () => Promise<unknown>]>([
    ["client sent no required SSL certificate", () => ask("site", "/")],
    ["client sent plain HTTP request to HTTPS port", () => sendRaw(running.site.httpsPort, "GET / HTTP/1.0\r\n\r\n")],
    [
      "client sent invalid method",
      async () => sendRaw(running.site.httpPort, (await clientHello()).toString("latin1")),
    ],
  ])("with the words '%s' has its meaning", async (words, client) => {
    await client();
    const [entry] = await errorsOf("site", ({ message }) => message.startsWith(words));
    expect(entry).toMatchObject(data.messages[words]!);
  });
});

describe("a service behind the site that does not answer", () => {
  let proxy: NginxContainer;

  beforeAll(async () => {
    for (const [name, text] of Object.entries({
      "ca.crt": ca,
      "server.crt": service.chainPem,
      "server.key": service.privateKeyPem,
    })) {
      mkdirSync(join(folder, "proxy"), { recursive: true });
      writeFileSync(join(folder, "proxy", name), text);
    }
    writeFileSync(join(folder, "proxy/nginx.conf"), PROXY);
    proxy = await startNginx(folder, "proxy");
  });
  afterAll(() => proxy.remove());

  it.each([
    ["refused", "connect() failed (111: Connection refused)", "connect() failed"],
    ["unknown", "service.invalid could not be resolved (", "could not be resolved"],
    ["silent", "upstream timed out (", "upstream timed out"],
    ["untrusted", "upstream SSL certificate verify error: (", "upstream SSL certificate verify error"],
    ["misnamed", "upstream SSL certificate does not match ", "upstream SSL certificate does not match"],
  ])("is explained by what nginx says of it: %s", async (path, words, key) => {
    const asked = () => request({ port: proxy.httpPort, host: "a", path: `/${path}` });
    await asked(); // the silent one answers once
    expect((await asked()).status).toBeGreaterThan(500);
    const [entry] = await errorsOf(proxy, ({ request }) => request === `GET /${path} HTTP/1.1`);
    expect(entry!.message).toContain(words);
    expect(entry).toMatchObject(data.messages[key]!);
  });

  it.each([
    ["plain", "wrong version number"],
    ["rejecting", "SSL alert number 112"],
  ])("is not taken for a client in its handshake: %s", async (path, words) => {
    expect((await request({ port: proxy.httpPort, host: "a", path: `/${path}` })).status).toBe(502);
    const [entry] = await errorsOf(proxy, ({ request }) => request === `GET /${path} HTTP/1.1`);
    expect(entry).toMatchObject(data.upstreamHandshake);
    expect(entry).not.toHaveProperty("alert");
    expect(entry!.message).toContain(words);
  });
});

/** An nginx that asks itself, in each way that can fail. */
const PROXY = `
error_log stderr info;
pid /tmp/pid;
events {}
http {
  client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
  ssl_certificate server.crt; ssl_certificate_key server.key;
  proxy_ssl_trusted_certificate ca.crt; proxy_ssl_name web.lab.localhost; proxy_ssl_server_name on;
  proxy_ssl_session_reuse off; # a resumed session would bring another location's verdict along
  proxy_connect_timeout 1s; proxy_read_timeout 1s;
  resolver 127.0.0.1:9 valid=1s; resolver_timeout 1s;
  server { listen 127.0.0.1:1443 ssl; return 200; }
  server { listen 127.0.0.1:2443 ssl; ssl_reject_handshake on; }
  server { listen 127.0.0.1:3443; return 200; }
  server {
    listen 8080;
    location /refused { proxy_pass http://127.0.0.1:9; }
    location /unknown { set $name service.invalid; proxy_pass http://$name; }
    location /silent { proxy_pass http://127.0.0.1:4443; }
    location /untrusted { proxy_ssl_verify on; proxy_ssl_trusted_certificate server.crt; proxy_pass https://127.0.0.1:1443; }
    location /misnamed { proxy_ssl_verify on; proxy_ssl_name other.example; proxy_pass https://127.0.0.1:1443; }
    location /plain { proxy_pass https://127.0.0.1:3443; }
    location /rejecting { proxy_pass https://127.0.0.1:2443; }
  }
  # Answers one request, and lets the second wait for a minute.
  limit_req_zone $server_port zone=slow:32k rate=1r/m;
  server { listen 127.0.0.1:4443; limit_req zone=slow burst=9; }
}
`;

/** The first message of a client of TLS 1.2: what it then gets and says is in clear. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const pipe = new Duplex({ read: () => undefined, write: (hello: Buffer) => resolve(hello) });
    tls.connect({ socket: pipe, servername: "lab.localhost", maxVersion: "TLSv1.2" });
  });
}

/** Begins a handshake, and ends it by a fatal alert (RFC 5246, 7.2) when the server has answered. */
async function sendAlert(port: number, description: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  socket.write(await clientHello());
  socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, description])));
  await new Promise((resolve) => socket.resume().once("close", resolve));
}
