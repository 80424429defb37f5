/** Services behind a real nginx: what they are told, and how they are asked. */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { NginxConfView } from "../../components/nginx-conf.ts";
import type { LocationView } from "../../components/access-list.ts";
import { MAX_CERTIFICATE_BYTES, upstreamFolder } from "../../components/upstream-tags.ts";
import { freePorts } from "../checkout.ts";
import { type Echo, type EchoService, startEchoService } from "../echo-service.ts";
import { type Answer, request, type Request } from "../http-client.ts";
import { docker } from "../live-lab.ts";
import { filesOf, type NginxContainer, startNginx, type Version, writeVersion } from "../nginx-container.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";
import { talk } from "../web-socket.ts";

const HOST = "lab.localhost";
const HOST_GATEWAY = ["--add-host", "host.docker.internal:host-gateway"];
const ODD_SUBJECT = { commonName: 'o"dd, <b>\\ + é', organization: 'Acme, "Ltd"\r\nX-Evil: 1' };
const ODD_NAME = String.raw`CN=o\"dd\, \<b\>\\ \+ \C3\A9,O=Acme\, \"Ltd\"\0D\0AX-Evil: 1`;

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-upstream-"));
let plain: EchoService;
let byTls: EchoService;
let byMutualTls: EchoService;
/** Lets in those with a certificate, at the paths of several services. */
let site: NginxContainer;
/** Lets in everybody, and has one service at `/`; its `/admin` is for alice. */
let open: NginxContainer;
let ca: string;
let intermediate: Identity;
let odd: Identity;
let clients: Record<"alice" | "direct" | "odd" | "belowOdd" | "largest" | "tooLarge" | "foreign", Identity>;
let version: Version;

beforeAll(async () => {
  const lab = await authorities("Lab");
  const other = await authorities("Other");
  ca = lab.root.certPem;
  intermediate = lab.intermediate;
  const caRequest = { isCa: true, keyUsages: ["keyCertSign" as const], extendedKeyUsages: [], toDay: 2 };
  // Large, so that it takes more than one of nginx's words.
  const uris = Array.from({ length: 60 }, (_, index) => `https://ca.example/a/long/way/to/go/${index}`);
  odd = await identity({ ...caRequest, keyAlgorithm: "RSA-4096", subject: ODD_SUBJECT, uris }, lab.root);
  clients = {
    alice: await identity({ subject: { commonName: "alice", organization: "Jack-GM" } }, intermediate),
    direct: await identity({ subject: { commonName: "direct" } }, lab.root),
    odd: await identity({ subject: ODD_SUBJECT }, intermediate),
    belowOdd: await identity({ subject: { commonName: "below" } }, odd),
    ...(await atTheLimit()),
    foreign: await identity({ subject: { commonName: "mallory" } }, other.intermediate),
  };

  const serverOf = (name: string) =>
    identity({ subject: { commonName: name }, extendedKeyUsages: ["serverAuth"], dnsNames: [name] }, lab.intermediate);
  const api = await serverOf("api.test");
  const gateway = await identity({ subject: { commonName: "gateway" } }, intermediate);
  const keys = { cert: api.chainPem, key: api.privateKeyPem };
  plain = await startEchoService();
  byTls = await startEchoService(keys);
  byMutualTls = await startEchoService({ ...keys, ca, requestCert: true });
  const [nobody] = await freePorts(1);

  const hosts = docker("run", "--rm", ...HOST_GATEWAY, "--entrypoint", "cat", "nginx:stable", "/etc/hosts");
  const [, bridge] = /^(\S+)\s+host\.docker\.internal$/m.exec(hosts)!;
  const at = (scheme: string, port: number, path = "") => `${scheme}://host.docker.internal:${port}${path}`;
  const serverName = "api.test";
  const locations: LocationView[] = [
    { path: "/echo", upstream: { url: at("http", plain.port) } },
    { path: "/app", upstream: { url: at("http", plain.port, "/base/") } },
    { path: "/app/top", upstream: { url: at("http", plain.port, "/") } },
    {
      path: "/own",
      upstream: { url: at("http", plain.port), host: "own.test:81", webSocket: false, maxBodySize: "1k" },
    },
    { path: "/address", upstream: { url: `http://${bridge}:${plain.port}` } },
    { path: "/slow", upstream: { url: at("http", plain.port), timeoutSeconds: 1 } },
    { path: "/gone", upstream: { url: at("http", nobody!) } },
    { path: "/tls", upstream: { url: at("https", byTls.port), serverName } },
    { path: "/tls/other-name", upstream: { url: at("https", byTls.port), serverName: "other.test" } },
    { path: "/tls/other-ca", upstream: { url: at("https", byTls.port), serverName } },
    { path: "/mutual", upstream: { url: at("https", byMutualTls.port), serverName, hasClientCert: true } },
    { path: "/mutual/none", upstream: { url: at("https", byMutualTls.port), serverName } },
  ];
  const upstreamFiles = Object.fromEntries(
    locations.flatMap(({ path, upstream }, index) => {
      const trusted = path === "/tls/other-ca" ? other.root.certPem : ca;
      return [
        ...(upstream?.serverName ? [[`${upstreamFolder(index)}/ca.crt`, trusted]] : []),
        ...(upstream?.hasClientCert
          ? [
              [`${upstreamFolder(index)}/client.crt`, gateway.chainPem],
              [`${upstreamFolder(index)}/client.key`, gateway.privateKeyPem],
            ]
          : []),
      ];
    }),
  ) as Record<string, string>;

  version = {
    view: { ...DEV_VIEW, locations },
    server: await identity(
      { subject: { commonName: HOST }, extendedKeyUsages: ["serverAuth"], dnsNames: [HOST, "*.lab.localhost"] },
      lab.intermediate,
    ),
    clientCaPem: ca,
    chains: [
      { issuer: "CN=Lab Issuing CA", chainPem: intermediate.chainPem },
      { issuer: ODD_NAME, chainPem: odd.chainPem },
      { issuer: "CN=Lab Root CA", chainPem: "" },
    ],
    upstreamFiles,
  };
  writeVersion(join(folder, "site"), version);
  site = await startNginx(folder, "site");
  const openView: NginxConfView = {
    ...DEV_VIEW,
    verifyClient: "optional_no_ca",
    http2: true,
    locations: [
      { path: "/", upstream: { url: at("http", plain.port) } },
      { path: "/admin", allow: [{ issuer: "CN=Lab Issuing CA", subject: "CN=alice,O=Jack-GM" }] },
    ],
  };
  writeVersion(join(folder, "open"), { ...version, view: openView, upstreamFiles: {} });
  open = await startNginx(folder, "open");
}, 120_000);

afterAll(async () => {
  await Promise.all([site, open].map((container) => container?.remove()));
  await Promise.all([plain, byTls, byMutualTls].map((service) => service?.close()));
  rmSync(folder, { recursive: true });
});

/** Certificates of RSA-4096, signed by RSA-4096 (so their size is known beforehand): as large as may be, and a byte larger. */
async function atTheLimit(): Promise<{ largest: Identity; tooLarge: Identity }> {
  const padded = (length: number) => {
    const octets = Buffer.concat([Buffer.from([0x04, 0x82, length >> 8, length & 0xff]), Buffer.alloc(length)]);
    const extensions = [{ oid: "1.3.6.1.4.1.99999.1", valueBase64: octets.toString("base64") }];
    return identity({ subject: { commonName: "large" }, keyAlgorithm: "RSA-4096", extensions }, odd);
  };
  const length = 4000 + MAX_CERTIFICATE_BYTES - new X509Certificate((await padded(4000)).certPem).raw.length;
  return { largest: await padded(length), tooLarge: await padded(length + 1) };
}

function ask(to: NginxContainer, path: string, client?: Identity, more: Partial<Request> = {}): Promise<Answer> {
  const tls = { ca, servername: HOST, identity: client };
  return request({ port: to.httpsPort, host: `${HOST}:8443`, path, tls, ...more });
}

/** What came to the service. */
async function echoed(to: NginxContainer, path: string, client?: Identity, more?: Partial<Request>): Promise<Echo> {
  const { status, body } = await ask(to, path, client, more);
  if (status !== 200) throw new Error(`status ${status}: ${body}`);
  return JSON.parse(body) as Echo;
}

/** The headers that came to the service, by their names in small letters. Throws if one came twice. */
function headersOf({ headers }: Echo): Record<string, string> {
  const names = headers.map(([name]) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The headers that are about who the client is. */
function identityIn(echo: Echo): Record<string, string> {
  return Object.fromEntries(Object.entries(headersOf(echo)).filter(([name]) => /cert|ssl/.test(name)));
}

/** RFC 9440, 2.1: a byte sequence of structured fields. */
const byteSequence = (pem: string) => `:${new X509Certificate(pem).raw.toString("base64")}:`;

describe("a service", () => {
  it("is told who the client is", async () => {
    const { certPem } = clients.alice;
    const certificate = new X509Certificate(certPem);

    expect(identityIn(await echoed(site, "/echo", clients.alice))).toEqual({
      "client-cert": byteSequence(certPem),
      "client-cert-chain": byteSequence(intermediate.certPem),
      "x-ssl-client-verify": "SUCCESS",
      "x-ssl-client-s-dn": "CN=alice,O=Jack-GM",
      "x-ssl-client-i-dn": "CN=Lab Issuing CA",
      "x-ssl-client-serial": certificate.serialNumber,
      "x-ssl-client-fingerprint": certificate.fingerprint.replaceAll(":", "").toLowerCase(),
      "x-ssl-client-cert": encodeURIComponent(certPem),
    });
  });

  it("is told no chain where there is nothing between the client and the root", async () => {
    const told = identityIn(await echoed(site, "/echo", clients.direct));

    expect(told["client-cert"]).toBe(byteSequence(clients.direct.certPem));
    expect(told).not.toHaveProperty("client-cert-chain");
  });

  it("is told an odd name in one line, and the chain below an odd CA", async () => {
    const told = headersOf(await echoed(site, "/echo", clients.odd));
    expect(told["x-ssl-client-s-dn"]).toBe(ODD_NAME);
    expect(told).not.toHaveProperty("x-evil");

    const below = identityIn(await echoed(site, "/echo", clients.belowOdd));
    expect(below["x-ssl-client-i-dn"]).toBe(ODD_NAME);
    expect(below["client-cert-chain"]).toBe(byteSequence(odd.certPem));
    expect(odd.certPem.length).toBeGreaterThan(4096); // nginx's longest word
  });

  it("is told the largest certificate whole, and a larger one is refused with the cause", async () => {
    const { largest, tooLarge } = clients;
    expect(new X509Certificate(largest.certPem).raw.length).toBe(MAX_CERTIFICATE_BYTES);

    const told = identityIn(await echoed(site, "/echo", largest));
    expect(told["client-cert"]).toBe(byteSequence(largest.certPem));
    expect(told["x-ssl-client-cert"]).toBe(encodeURIComponent(largest.certPem));

    const { status, body } = await ask(site, "/echo", tooLarge);
    expect(status).toBe(431);
    expect(body).toContain("<h1>431 Request Header Fields Too Large</h1>");
    expect(body).toContain(`at most ${MAX_CERTIFICATE_BYTES} bytes of DER`);
    expect((await ask(site, "/whoami", tooLarge)).status).toBe(200);
  });

  it.each<[string, keyof typeof clients | undefined, string]>([
    ["there is none", undefined, "NONE"],
    ["it is not verified", "foreign", "FAILED:unable to get local issuer certificate"],
  ])("is told nothing of a certificate but the verdict, where %s", async (_, client, verdict) => {
    const told = identityIn(await echoed(open, "/", client && clients[client]));

    expect(told).toEqual({ "x-ssl-client-verify": verdict });
  });

  it("is told where the client is, and for what it asked", async () => {
    const { headers } = await echoed(site, "/echo", clients.alice);
    const { "x-forwarded-for": address, ...told } = headersOf({ headers } as Echo);

    expect(told).toMatchObject({
      host: "lab.localhost:8443",
      "x-forwarded-host": "lab.localhost:8443",
      "x-forwarded-port": "8443",
      "x-forwarded-proto": "https",
      "x-real-ip": address,
    });
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(told).not.toHaveProperty("connection");
  });

  it("is asked by another name, if it has one", async () => {
    const told = headersOf(await echoed(site, "/own", clients.alice));

    expect(told).toMatchObject({ host: "own.test:81", "x-forwarded-host": "lab.localhost:8443" });
  });
});

describe("what a client sends", () => {
  /** Every header that the site sets or takes away; of these three a client needs its own. */
  const names = () => {
    const conf = filesOf(version)["nginx.conf"]!;
    const all = [...conf.matchAll(/^ *proxy_set_header (\S+)/gm)].map(([, name]) => name!);
    return all.filter((name) => !["Host", "Connection", "Upgrade"].includes(name));
  };
  const SPELLINGS: [string, (name: string) => string][] = [
    ["as they are", (name) => name],
    ["in small letters", (name) => name.toLowerCase()],
    ["in capitals", (name) => name.toUpperCase()],
    ["with underscores", (name) => name.replaceAll("-", "_")],
    ["with one underscore", (name) => name.replace("-", "_")],
  ];

  it.each(SPELLINGS)("of these headers never comes to a service, spelled %s", async (_, spelled) => {
    expect(names().length).toBeGreaterThan(60);
    for (const [to, client] of [
      [site, clients.alice],
      [open, clients.foreign],
      [open, undefined],
    ] as const) {
      const headers = Object.fromEntries(names().map((name) => [spelled(name), ["forged", "forged"]]));
      const echo = await echoed(to, to === site ? "/echo" : "/", client, { headers });

      expect(echo.headers.filter(([, value]) => value.includes("forged"))).toEqual([]);
      expect(identityIn(echo)["x-ssl-client-verify"]).toMatch(
        client === clients.alice ? /^SUCCESS$/ : /^(NONE|FAILED:.*)$/,
      );
    }
  });

  it.each([
    ["as they are", (name: string) => name.toLowerCase()],
    ["with underscores", (name: string) => name.toLowerCase().replaceAll("-", "_")],
  ])("of these headers never comes to a service over HTTP/2, spelled %s", async (_, spelled) => {
    const { chainPem: cert, privateKeyPem: key } = clients.alice;
    const connection = http2.connect(`https://127.0.0.1:${open.httpsPort}`, { ca, servername: HOST, cert, key });
    const headers = Object.fromEntries(names().map((name) => [spelled(name), "forged"]));
    const stream = connection.request({ ...headers, ":authority": HOST, ":path": "/echo" });
    const [said] = await Promise.all([stream.toArray() as Promise<Buffer[]>, once(stream, "response")]);
    connection.destroy();
    const echo = JSON.parse(Buffer.concat(said).toString()) as Echo;

    expect(echo.headers.filter(([, value]) => value.includes("forged"))).toEqual([]);
    expect(headersOf(echo)).toMatchObject({ host: "lab.localhost:8443", "x-ssl-client-s-dn": "CN=alice,O=Jack-GM" });
  });

  it("in a name with a space or without an end is no header of the site's", async () => {
    const head = "GET /echo HTTP/1.1\r\nHost: lab.localhost\r\nConnection: close\r\n";
    expect(await raw(`${head}X-SSL-Client-S-DN : forged\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`${head}X-A: b\r\n X-SSL-Client-S-DN: forged\r\n\r\n`)).not.toMatch(
      /"X-SSL-Client-S-DN","forged"/,
    );
    expect(await raw(`${head}X-A: b\nX-SSL-Client-S-DN: forged\r\n\r\n`)).not.toContain("forged");
  });

  it("about the connection takes no header away from the service", async () => {
    const headers = { connection: "close, X-SSL-Client-Verify, Client-Cert" };
    const told = headersOf(await echoed(site, "/echo", clients.alice, { headers }));

    expect(told).toMatchObject({
      "x-ssl-client-verify": "SUCCESS",
      "client-cert": byteSequence(clients.alice.certPem),
    });
    expect(told).not.toHaveProperty("connection");
  });

  it.each(["h2c", "websocket, h2c", "TLS/1.0"])("to switch to %s is not passed on", async (upgrade) => {
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade, "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA" };
    const told = headersOf(await echoed(site, "/echo", clients.alice, { headers }));

    expect(told).not.toHaveProperty("upgrade");
    expect(told).not.toHaveProperty("connection");
  });

  it("comes to the service as it is, otherwise", async () => {
    const body = randomBytes(3_000_000);
    const headers = { "content-type": "application/octet-stream", "x-own": ["a", "b"] };
    const echo = await echoed(site, "/echo?a=%2F&b", clients.alice, { method: "PATCH", headers, body });

    expect(echo).toMatchObject({
      method: "PATCH",
      url: "/echo?a=%2F&b",
      bodySha256: createHash("sha256").update(body).digest("hex"),
    });
    expect(echo.headers.filter(([name]) => name.toLowerCase() === "x-own").map(([, value]) => value)).toEqual([
      "a",
      "b",
    ]);
  });

  it("is refused if it is larger than the service takes", async () => {
    expect((await ask(site, "/own", clients.alice, { method: "POST", body: "x".repeat(1025) })).status).toBe(413);
    expect((await ask(site, "/own", clients.alice, { method: "POST", body: "x".repeat(1024) })).status).toBe(200);
  });
});

describe("a path", () => {
  it.each([
    ["/echo", "/echo"],
    ["/echo/", "/echo/"],
    ["/echo/a%20b?c=%20", "/echo/a%20b?c=%20"],
    ["/other/../echo//a/./b", "/echo/a/b"],
    ["/other/..%2fecho%2fa", "/echo/a"],
    ["/echo/%E4%B8%AD/%25/%3Fx", "/echo/%E4%B8%AD/%25/%3Fx"],
    ["/echo/a%0d%0aX-Evil:%201%0ab", "/echo/a%0D%0AX-Evil:%201%0Ab"],
    ["/app/", "/base/"],
    ["/app/a?b", "/base/a?b"],
    ["/app/a%0Ab%0A", "/base/a%0Ab%0A"],
    ["/app/top/a", "/a"],
    ["/app/topmost", "/base/topmost"],
    ["/app/a/../../echo/b", "/echo/b"],
  ])("%s is for the service %s", async (path, url) => {
    expect((await echoed(site, path, clients.alice)).url).toBe(url);
  });

  it.each([
    ["/", 200],
    ["/echoes", 404],
    ["/ECHO", 404],
    ["/app/../etc", 404],
    ["/app/%2e%2e/etc", 404],
    ["/app/..%2f..%2fetc", 400],
  ])("%s is for no service, but for the site: %i", async (path, expected) => {
    const { status, headers } = await ask(site, path, clients.alice);

    expect(status).toBe(expected);
    expect(headers["content-security-policy"]).toBeDefined();
  });

  it.each([
    ["/app", "/app/"],
    ["/app?a=b", "/app/?a=b"],
    ["/app/top", "/app/top/"],
  ])("%s of a service with another path gets its slash: %s", async (path, location) => {
    const { status, headers } = await ask(site, path, clients.alice, { method: "POST" });

    expect([status, headers.location]).toEqual([308, location]);
  });

  it.each([
    ["/app/?location=/base/login", "/app/login"],
    ["/app/?location=https://lab.localhost:8443/base/login", "/app/login"],
    ["/app/?location=https://elsewhere.test/base/login", "https://elsewhere.test/base/login"],
    ["/app/?location=login", "login"],
    ["/echo?location=/base/login", "/base/login"],
  ])("%s sends a browser on to %s", async (path, location) => {
    const { status, headers } = await ask(site, `${path}&status=302`, clients.alice);

    expect([status, headers.location]).toEqual([302, location]);
  });

  it("of a cookie is the one that the browser sees", async () => {
    const cookie = encodeURIComponent("a=b; Path=/base/x");

    expect((await ask(site, `/app/?cookie=${cookie}`, clients.alice)).headers["set-cookie"]).toEqual([
      "a=b; Path=/app/x",
    ]);
  });

  it("/whoami stays the site's own beside a service at /", async () => {
    const { body } = await ask(open, "/whoami", clients.alice);
    expect(JSON.parse(body)).toMatchObject({ verify: "SUCCESS", subject: "CN=alice,O=Jack-GM" });
    for (const path of ["/", "/index.html", "/whoami/", "/any"]) {
      expect((await echoed(open, path, clients.alice)).url).toBe(path);
    }
    expect((await ask(open, "/errors/495.html", clients.alice)).status).toBe(404);
  });
});

describe("a location with rules below a service", () => {
  it("is the service's for whom they let in, and a page for the others", async () => {
    for (const path of ["/admin", "/admin/a?b", "/x/..%2fadmin", "//admin/"]) {
      expect((await echoed(open, path, clients.alice)).url).toBe(path.replace("/x/..%2f", "/").replace("//", "/"));
      for (const client of [clients.direct, clients.foreign, undefined]) {
        const { status, body } = await ask(open, path, client);
        expect({ status, title: /<h1>(.*)<\/h1>/.exec(body)?.[1] }).toEqual({ status: 403, title: "403 Forbidden" });
      }
    }
    expect((await echoed(open, "/administrator", clients.direct)).url).toBe("/administrator");
  });
});

describe("an answer", () => {
  it("of a service is its own, an error too", async () => {
    const { status, headers, body } = await ask(site, "/echo?status=502", clients.alice);

    expect(status).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ method: "GET" });
    expect(headers).toMatchObject({ "cache-control": "max-age=60", "content-type": "application/json" });
    for (const name of ["content-security-policy", "referrer-policy", "x-content-type-options"]) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it("comes over connections that are kept", async () => {
    for (const path of ["/echo", "/address"]) {
      await ask(site, path, clients.alice);
      const before = plain.connections();
      for (let count = 0; count < 5; count++) expect((await ask(site, path, clients.alice)).status).toBe(200);
      expect(plain.connections()).toBe(before);
    }
  });

  it("of nobody is the page for 502, with cause and cure", async () => {
    const { status, headers, body } = await ask(site, "/gone/x", clients.alice);

    expect(status).toBe(502);
    expect(body).toContain("<h1>502 Bad Gateway</h1>");
    expect(body).toContain("<dt>Request<dd>GET /gone/x HTTP/1.1\n");
    expect(body).toContain("<dt>Subject<dd>CN=alice,O=Jack-GM\n");
    expect(body).toMatch(/<h2>Cause<\/h2>.*<h2>Cure<\/h2>/s);
    expect(headers["cache-control"]).toBe("no-store");
    expect(await logged("connect() failed (111: Connection refused) while connecting to upstream")).not.toEqual([]);
  });

  it("that does not come in time is the page for 504, with cause and cure", async () => {
    const { status, body } = await ask(site, "/slow?wait=3000", clients.alice);

    expect(status).toBe(504);
    expect(body).toContain("<h1>504 Gateway Time-out</h1>");
    expect(body).toMatch(/<dt>Waited<dd>1\.\d+ s\n/);
    expect(body).toMatch(/<h2>Cause<\/h2>.*<h2>Cure<\/h2>/s);
    expect((await ask(site, "/slow?wait=10", clients.alice)).status).toBe(200);
  });
});

describe("a web socket", () => {
  const to = (path: string, headers = {}) => {
    const { chainPem: cert, privateKeyPem: key } = clients.alice;
    const options = { host: "127.0.0.1", port: site.httpsPort, servername: HOST, ca, cert, key };
    return { ...options, path, headers: { host: HOST, ...headers } };
  };

  it("goes through, and the service knows the client", async () => {
    const forged = { "x-ssl-client-s-dn": "CN=forged" };
    expect(await talk(to("/echo", forged), ["one", "two"])).toEqual(["hello CN=alice,O=Jack-GM", "one", "two"]);
  });

  it("does not where the service takes none", async () => {
    expect(await talk(to("/own"), ["one"])).toBe(200);
  });
});

describe("TLS to a service", () => {
  it("says its name and checks its certificate", async () => {
    expect(await echoed(site, "/tls", clients.alice)).toMatchObject({ servername: "api.test", peer: "" });
  });

  it("shows the site's certificate to a service that asks for one", async () => {
    const echo = await echoed(site, "/mutual", clients.alice);

    expect(echo).toMatchObject({ servername: "api.test", peer: "gateway" });
    expect(headersOf(echo)["x-ssl-client-s-dn"]).toBe("CN=alice,O=Jack-GM");
  });

  it("keeps its connections, too", async () => {
    await ask(site, "/mutual", clients.alice);
    const before = byMutualTls.connections();
    for (let count = 0; count < 5; count++) expect((await ask(site, "/mutual", clients.direct)).status).toBe(200);
    expect(byMutualTls.connections()).toBe(before);
  });

  it.each([
    ["/tls/other-name", 'upstream SSL certificate does not match "other.test"'],
    ["/tls/other-ca", "upstream SSL certificate verify error: (20:unable to get local issuer certificate)"],
    ["/mutual/none", "SSL alert number 116"],
  ])("fails at %s: %s", async (path, words) => {
    const { status, body } = await ask(site, path, clients.alice);

    expect(status).toBe(502);
    expect(body).toContain("<h1>502 Bad Gateway</h1>");
    expect(await logged(words)).not.toEqual([]);
  });
});

/** Sends a text over TLS as alice, and returns all that comes back. */
async function raw(text: string): Promise<string> {
  const { chainPem: cert, privateKeyPem: key } = clients.alice;
  const socket = tls.connect({ host: "127.0.0.1", port: site.httpsPort, servername: HOST, ca, cert, key });
  socket.write(text);
  return Buffer.concat((await socket.toArray()) as Buffer[]).toString("latin1");
}

/** The lines of the site's log that hold a text, once there is one; Docker hands them on a little later. */
async function logged(text: string): Promise<string[]> {
  for (;;) {
    const lines = (await site.logs()).split("\n").filter((line) => line.includes(text));
    if (lines.length > 0) return lines;
    await sleep(20);
  }
}
