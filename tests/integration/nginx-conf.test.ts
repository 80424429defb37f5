import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { NginxConfView } from "../../components/nginx-conf.ts";
import { upstreamFolder } from "../../components/upstream-tags.ts";
import { verifyErrors } from "../../components/verify-errors.ts";
import { type Answer, request, sendRaw } from "../http-client.ts";
import { issueCrl } from "../../provider/x509/crl.ts";
import { type NginxContainer, startNginx, writeVersion } from "../nginx-container.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { CASES } from "../templates/cases.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";

/** The sites that run: each differs from the default stack's in one thing. */
const SITES = {
  dev: {},
  namesOnly: { ipAddresses: [] },
  optional: { verifyClient: "optional" },
  optionalNoCa: { verifyClient: "optional_no_ca" },
  off: { verifyClient: "off" },
  seed: { tlsPolicy: "seed" },
  http2: { http2: true },
} satisfies Record<string, Partial<NginxConfView>>;
type Site = keyof typeof SITES;

const ODD_SUBJECT = { commonName: 'o"dd, <b>\\ + é', organization: 'Acme, "Ltd" \\ Co <script>alert(1)</script>\n' };
const ODD_NAME = String.raw`CN=o\"dd\, \<b\>\\ \+ \C3\A9,O=Acme\, \"Ltd\" \\ Co \<script\>alert(1)\</script\>\0A`;

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-nginx-"));
const running = {} as Record<Site, NginxContainer>;
let ca: string;
let clients: Record<"alice" | "odd" | "expired" | "early" | "foreign" | "leafOnly" | "server" | "selfSigned", Identity>;

beforeAll(async () => {
  const lab = await authorities("Lab");
  const other = await authorities("Other");
  ca = lab.root.certPem;

  const alice = await identity({ subject: { commonName: "alice", organization: "Jack-GM" } }, lab.intermediate);
  const names = { dnsNames: DEV_VIEW.serverNames, ipAddresses: DEV_VIEW.ipAddresses };
  const server = await identity(
    { subject: { commonName: "lab.localhost" }, extendedKeyUsages: ["serverAuth"], ...names },
    lab.intermediate,
  );
  const selfSigned = await identity({ subject: { commonName: "nobody" } });
  clients = {
    alice,
    server,
    odd: await identity({ subject: ODD_SUBJECT }, lab.intermediate),
    expired: await identity({ subject: { commonName: "late" }, fromDay: -3, toDay: -2 }, lab.intermediate),
    early: await identity({ subject: { commonName: "early" }, fromDay: 1, toDay: 2 }, lab.intermediate),
    foreign: await identity({ subject: { commonName: "mallory" } }, other.intermediate),
    leafOnly: { ...alice, chainPem: alice.certPem },
    selfSigned: { ...selfSigned, chainPem: selfSigned.certPem },
  };

  const validity = { thisUpdate: new Date(Date.now() - 60_000), nextUpdate: new Date(Date.now() + 3_600_000) };
  const crls = [lab.root, lab.intermediate].map((issuer) => issueCrl({ number: 1, entries: [], ...validity }, issuer));
  const crlPem = (await Promise.all(crls)).join("");
  const version = (view: NginxConfView) => ({ view, server, clientCaPem: lab.root.certPem, crlPem });
  for (const { name, view } of CASES) {
    const folders = (view.locations ?? []).map((_, index) => upstreamFolder(index));
    const upstreamFiles = Object.fromEntries(
      folders.flatMap((path) => [
        [`${path}/ca.crt`, lab.root.certPem],
        [`${path}/client.crt`, alice.chainPem],
        [`${path}/client.key`, alice.privateKeyPem],
      ]),
    );
    writeVersion(join(folder, `case-${name}`), { ...version(view), upstreamFiles });
  }
  for (const [site, change] of Object.entries(SITES)) {
    writeVersion(join(folder, site), version({ ...DEV_VIEW, ...change }));
    running[site as Site] = await startNginx(folder, site);
  }
}, 60_000);

afterAll(async () => {
  await Promise.all(Object.values(running).map((container) => container.remove()));
  rmSync(folder, { recursive: true });
});

/** `GET path` over TLS, with SNI and Host of the site unless told otherwise. */
function get(
  site: Site,
  path: string,
  client?: Identity,
  servername = "lab.localhost",
  host = servername,
): Promise<Answer> {
  return request({ port: running[site].httpsPort, host, path, tls: { ca, servername, identity: client } });
}

describe("nginx -t", () => {
  it.each(CASES)("accepts cases/$name.conf without a warning", async ({ name }) => {
    const { status, output } = await running.dev.run([
      "nginx",
      "-t",
      "-p",
      `/etc/nginx/site/case-${name}/`,
      "-c",
      "nginx.conf",
    ]);

    const lines = output.trim().split("\n");
    // From nginx 1.25.1 on there is a newer form of it, which older ones do not know.
    const expected = lines.filter((line) => !line.includes('the "listen ... http2" directive is deprecated'));
    expect({ status, lines: expected }).toEqual({
      status: 0,
      lines: [expect.stringContaining("syntax is ok"), expect.stringContaining("test is successful")],
    });
  });
});

describe("HTTP/2", () => {
  /** The statuses of requests with these Host names, one after the other on one connection. */
  async function statuses(site: Site, client: Identity | undefined, hosts: string[]): Promise<number[]> {
    const connection = http2.connect(`https://127.0.0.1:${running[site].httpsPort}`, {
      ca,
      servername: "lab.localhost",
      cert: client?.chainPem,
      key: client?.privateKeyPem,
    });
    try {
      await once(connection, "connect");
      const found: number[] = [];
      for (const host of hosts) {
        const stream = connection.request({ ":authority": host, ":path": "/whoami" });
        const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
        stream.resume();
        await once(stream, "end");
        found.push(Number(headers[":status"]));
      }
      return found;
    } finally {
      connection.destroy();
    }
  }

  it("carries the same guards, and the connection outlives a refusal", async () => {
    const hosts = ["lab.localhost", "www.lab.localhost", "lab.localhost"];

    expect(await statuses("http2", clients.alice, hosts)).toEqual([200, 421, 200]);
    expect(await statuses("http2", undefined, hosts)).toEqual([400, 421, 400]);
    expect(await statuses("http2", clients.expired, ["lab.localhost"])).toEqual([400]);
  });

  it("is not spoken where it is not offered", async () => {
    await expect(statuses("dev", clients.alice, ["lab.localhost"])).rejects.toThrow("no application protocol");
  });
});

describe("names", () => {
  const REFUSED = "SSL alert number 112";

  it.each<[site: Site, servername: string, host: string, expected: number | typeof REFUSED]>([
    ["dev", "lab.localhost", "lab.localhost", 200],
    ["dev", "lab.localhost", "LAB.localhost:8443", 200],
    ["dev", "LAB.localhost", "lab.localhost", 200],
    ["dev", "lab.localhost.", "lab.localhost", 200],
    ["dev", "lab.localhost", "lab.localhost.", 200],
    ["dev", "www.lab.localhost", "www.lab.localhost", 200],
    ["dev", "www.lab.localhost", "lab.localhost", 421],
    ["dev", "www.lab.localhost", "api.lab.localhost", 421],
    ["dev", "lab.localhost", "other.example", 421],
    ["dev", "lab.localhost", "127.0.0.1", 421],
    ["dev", "other.example", "lab.localhost", REFUSED],
    ["dev", "other.example", "other.example", REFUSED],
    ["dev", "a.b.lab.localhost", "a.b.lab.localhost", REFUSED],
    ["dev", "", "127.0.0.1", 200],
    ["dev", "", "127.0.0.1:8443", 200],
    ["dev", "", "[::1]:8443", 200],
    ["dev", "", "127.0.0.2", 421],
    ["dev", "", "lab.localhost", 421],
    ["dev", "", "other.example", 421],
    ["namesOnly", "www.lab.localhost", "www.lab.localhost", 200],
    ["namesOnly", "", "127.0.0.1", REFUSED],
    ["namesOnly", "", "lab.localhost", REFUSED],
    ["namesOnly", "other.example", "lab.localhost", REFUSED],
    ["off", "www.lab.localhost", "lab.localhost", 421],
    ["off", "", "lab.localhost", 421],
    ["off", "", "127.0.0.1", 200],
  ])("in site %s, SNI '%s' with Host '%s' gets %s", async (site, servername, host, expected) => {
    const answer = get(site, "/", clients.alice, servername, host);

    if (expected === REFUSED) await expect(answer).rejects.toThrow(REFUSED);
    else expect((await answer).status).toBe(expected);
  });
});

describe("plain HTTP", () => {
  it.each([
    ["lab.localhost", "/", "https://lab.localhost:8443/"],
    ["LAB.localhost.:8080", "/", "https://lab.localhost:8443/"],
    ["www.lab.localhost", "/a/b?c=%0d&d=e", "https://www.lab.localhost:8443/a/b?c=%0d&d=e"],
    ["127.0.0.1:8080", "/", "https://127.0.0.1:8443/"],
    ["[::1]", "/", "https://[::1]:8443/"],
    ["lab.localhost", "//other.example/", "https://lab.localhost:8443//other.example/"],
    ["other.example", "/", "nowhere"],
    ["127.0.0.2", "/", "nowhere"],
    ["a.b.lab.localhost", "/", "nowhere"],
    ["other.example?.lab.localhost", "/", "nowhere"],
    ["other.example#.lab.localhost", "/", "nowhere"],
    ["user@lab.localhost", "/", "nowhere"],
  ])("to Host %s, path %s is sent on to %s", async (host, path, location) => {
    const { status, headers } = await request({ port: running.dev.httpPort, host, path });

    expect([status, headers.location ?? "nowhere"]).toEqual([location === "nowhere" ? 421 : 301, location]);
  });

  it.each([
    ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "421 Misdirected Request"],
    ["HTTP/1.1 without Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400 Bad Request"],
    [
      "another host in the request line",
      "GET http://other.example/ HTTP/1.0\r\nHost: lab.localhost\r\n\r\n",
      "421 Misdirected",
    ],
  ])("gets no redirect with %s", async (_what, text, status) => {
    const answer = await sendRaw(running.dev.httpPort, text);

    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer).not.toContain("Location:");
  });

  it("to the TLS port gets the page that says so, with a link that is safe to click", async () => {
    const answer = await request({ port: running.dev.httpsPort, host: "lab.localhost:8443", path: '/x?"><script>' });

    expect(answer.status).toBe(400);
    expect(answer.body).toContain("<h1>400 The plain HTTP request was sent to HTTPS port</h1>");
    expect(answer.body).toContain('href="https://lab.localhost:8443/x?&quot;&gt;&lt;script&gt;"');
  });

  it("to the TLS port under a foreign name keeps nginx's own page", async () => {
    const { status, body } = await request({ port: running.dev.httpsPort, host: "other.example" });

    expect(status).toBe(400);
    expect(body).toContain("The plain HTTP request was sent to HTTPS port");
  });
});

describe("a client certificate that is not accepted", () => {
  const causeOf = (code: number) => verifyErrors().errors.find((error) => error.code === code)!;

  it.each<[client: keyof typeof clients, code: number, subject: string]>([
    ["expired", 10, "CN=late"],
    ["early", 9, "CN=early"],
    ["foreign", 20, "CN=mallory"],
    ["leafOnly", 21, "CN=alice,O=Jack-GM"],
    ["server", 26, "CN=lab.localhost"],
    ["selfSigned", 18, "CN=nobody"],
  ])("gets 400, what was seen, the cause and the cure: %s, error %i", async (client, code, subject) => {
    const { text, cause, cure } = causeOf(code);
    const { status, body } = await get("dev", "/", clients[client]);

    expect(status).toBe(400);
    expect(body).toContain("<h1>400 The SSL certificate error</h1>");
    expect(body).toContain(`>FAILED:${text}\n`);
    expect(body).toContain(`<dt>Subject<dd>${subject}\n`);
    expect(body).toContain(`<p>${cause}\n`);
    expect(body).toContain(`<p>${cure}\n`);
    expect(await logged("dev", `client SSL certificate verify error: (${code}:${text})`)).not.toEqual([]);
  });

  it.each(["GET", "POST", "PUT", "DELETE"])("gets the page for a missing one with %s, too", async (method) => {
    const tls = { ca, servername: "lab.localhost" };
    const { status, body } = await request({ port: running.dev.httpsPort, host: "lab.localhost", method, tls });

    expect(status).toBe(400);
    expect(body).toContain("<h1>400 No required SSL certificate was sent</h1>");
    expect(body).toContain('<dt>Verification<dd class="bad">NONE\n');
  });

  it("is let in with optional_no_ca if only its issuer is unknown, and told the cause", async () => {
    const { status, body } = await get("optionalNoCa", "/", clients.foreign);

    expect(status).toBe(200);
    expect(body).toContain("<h1>You say you are mallory</h1>");
    expect(body).toContain(`<p>${causeOf(20).cause}\n`);
  });

  it("is refused with optional as well", async () => {
    expect((await get("optional", "/", clients.foreign)).status).toBe(400);
  });
});

describe("/whoami", () => {
  const whoami = async (site: Site, client?: Identity) =>
    JSON.parse((await get(site, "/whoami", client)).body) as object;

  it("says who the client is, in JSON", async () => {
    const { headers } = await get("dev", "/whoami", clients.alice);

    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(await whoami("dev", clients.alice)).toEqual({
      verify: "SUCCESS",
      subject: "CN=alice,O=Jack-GM",
      issuer: "CN=Lab Issuing CA",
      serial: expect.stringMatching(/^[0-9A-F]{32}$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
      notAfter: expect.stringMatching(/^\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/),
      protocol: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      sni: "lab.localhost",
    });
  });

  it("stays JSON whatever stands in the subject", async () => {
    expect(await whoami("dev", clients.odd)).toMatchObject({ subject: ODD_NAME, verify: "SUCCESS" });
  });

  it.each(["optional", "optionalNoCa", "off"] as const)(
    "says NONE, and nothing else of the client, in site %s",
    async (site) => {
      const nobody = { verify: "NONE", subject: "", issuer: "", serial: "", fingerprint: "", notAfter: "" };

      expect(await whoami(site)).toMatchObject(nobody);
    },
  );

  it("has no server name where none was sent", async () => {
    const { body } = await get("dev", "/whoami", clients.alice, "", "127.0.0.1");

    expect(JSON.parse(body)).toMatchObject({ verify: "SUCCESS", sni: "" });
  });
});

describe("the landing page", () => {
  it("greets the client by the name in its certificate and shows the chain", async () => {
    const { status, headers, body } = await get("dev", "/", clients.alice);

    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(body).toContain("<h1>Hello, alice</h1>");
    expect(body).toContain("<b>CN=Lab Issuing CA</b>");
    expect(body).toContain("<b>CN=alice,O=Jack-GM</b>");
    expect(body).toContain("<dt>Protocol<dd>TLSv1.3\n");
  });

  it("shows an odd name as text, never as markup", async () => {
    const { body } = await get("dev", "/", clients.odd);

    expect(body).toContain(String.raw`<h1>Hello, o\&quot;dd\, \&lt;b\&gt;\\ \+ \C3\A9</h1>`);
    expect(body).not.toContain("<script");
    expect(body).not.toContain("<b\\>");
  });

  it.each([
    ["optional", "It asked for yours, and you sent none"],
    ["off", "It does not ask for yours"],
  ] as const)("says in site %s: %s", async (site, words) => {
    const { status, body } = await get(site, "/");

    expect(status).toBe(200);
    expect(body).toContain("<h1>Hello, stranger</h1>");
    expect(body).toContain(words);
    expect(body).not.toContain("Your certificate");
  });

  it.each(["/index.html", "/errors/495.html", "/nginx.conf", "/server.key", "/../server.key"])(
    "is all there is: %s",
    async (path) => {
      expect([400, 404]).toContain((await get("dev", path, clients.alice)).status);
    },
  );
});

describe("every answer", () => {
  it.each<[what: string, answer: () => Promise<Answer>]>([
    ["200", () => get("dev", "/", clients.alice)],
    ["400 of nginx's TLS errors", () => get("dev", "/")],
    ["404", () => get("dev", "/nothing", clients.alice)],
    ["421", () => get("dev", "/", clients.alice, "lab.localhost", "other.example")],
    ["301", () => request({ port: running.dev.httpPort, host: "lab.localhost" })],
  ])("is never cached, runs no script and names no version: %s", async (_what, answer) => {
    const { headers } = await answer();

    expect(headers).toMatchObject({
      server: "nginx",
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
  });
});

describe("TLS", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("resumes no session in %s", async (version) => {
    const { chainPem: cert, privateKeyPem: key } = clients.alice;
    const options = { ...connectionTo("dev"), cert, key, maxVersion: version };
    const { session } = await handshake(options);

    expect((await handshake({ ...options, session })).reused).toBe(false);
  });

  it.each([
    ["dev", false],
    ["seed", true],
  ] as const)("in site %s takes a suite without authenticated encryption: %s", async (site, taken) => {
    const shaken = handshake({ ...connectionTo(site), ciphers: "ECDHE-ECDSA-AES256-SHA384", maxVersion: "TLSv1.2" });

    if (taken) expect((await shaken).cipher).toBe("ECDHE-ECDSA-AES256-SHA384");
    else await expect(shaken).rejects.toThrow("handshake failure");
  });

  it("refuses TLS 1.1", async () => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

    await expect(handshake({ ...connectionTo("dev"), ...old })).rejects.toThrow("protocol version");
  });
});

describe("inside the container", () => {
  it("the health check answers ok without TLS, and for nothing else", async () => {
    const fetch = (path: string) => {
      const url = `http://127.0.0.1:8081${path}`;
      return running.dev.run(["sh", "-c", `wget -q -O - ${url} || curl -fs ${url}`]);
    };

    expect(await fetch("/healthz")).toEqual({ status: 0, output: "ok" });
    expect((await fetch("/")).status).not.toBe(0);
  });

  it("each request is logged as in the source documents and as JSON", async () => {
    await get("dev", "/whoami?logged", clients.odd);
    const lines = await logged("dev", "GET /whoami?logged", 2);

    expect(lines).toEqual([
      expect.stringMatching(
        /^[\d.]+ - - \[.+\] "GET \/whoami\?logged HTTP\/1\.1" 200 \d+ "-" "-" "TLSv1\.3" "TLS_AES_256_GCM_SHA384"$/,
      ),
      expect.stringMatching(/^\{.*\}$/),
    ]);
    expect(JSON.parse(lines[1]!)).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      request: "GET /whoami?logged HTTP/1.1",
      status: 200,
      verify: "SUCCESS",
      subject: ODD_NAME,
      protocol: "TLSv1.3",
      sni: "lab.localhost",
      curve: "X25519",
      reused: ".",
    });
  });
});

function connectionTo(site: Site): tls.ConnectionOptions {
  return { host: "127.0.0.1", port: running[site].httpsPort, servername: "lab.localhost", ca };
}

/** The lines of nginx's log that hold a text, once there are as many; Docker hands them on a little later. */
async function logged(site: Site, text: string, count = 1): Promise<string[]> {
  for (;;) {
    const lines = (await running[site].logs()).split("\n").filter((line) => line.includes(text));
    if (lines.length >= count) return lines;
    await sleep(20);
  }
}

/** Shakes hands, sends one request, and says what came of it. */
function handshake(options: tls.ConnectionOptions): Promise<{ reused: boolean; cipher: string; session?: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(options);
    let session = options.session;
    socket.once("error", reject);
    socket.on("session", (given) => (session = given));
    socket.once("secureConnect", () =>
      socket.write("GET / HTTP/1.1\r\nHost: lab.localhost\r\nConnection: close\r\n\r\n"),
    );
    // Tickets of TLS 1.3 come after the handshake, so all that is sent is read.
    socket.resume().once("end", () => {
      resolve({
        reused: socket.isSessionReused(),
        cipher: socket.getCipher().name,
        session: session ?? socket.getSession(),
      });
    });
  });
}
