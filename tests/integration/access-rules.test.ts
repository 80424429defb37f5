/** What nginx makes of `allow`: who is let in, by which path, and what the others are told. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { CertificateMatch, LocationView } from "../../components/access-list.ts";
import { distinguishedName } from "../../components/distinguished-name.ts";
import type { Subject } from "../../rules/subject.ts";
import { type Answer, request } from "../http-client.ts";
import { type NginxContainer, startNginx, writeVersion } from "../nginx-container.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";

const LAB = "CN=Lab Issuing CA";
const OTHER = "CN=Other Issuing CA";
const ALICE = { commonName: "alice", organization: "Jack-GM" };
const ODD = { commonName: ' #$(o)*.\\"dd, +é ', organization: "[a]{1}|^;</x>'", country: "CN" };

const ALICE_ALONE: CertificateMatch = { issuer: LAB, subject: distinguishedName(ALICE) };
/** The site `whole` is Alice's but for one part. */
const WHOLE: LocationView[] = [{ path: "/", allow: [ALICE_ALONE] }, { path: "/open" }];

/** Subjects that have something of Alice's, and are not hers. */
const LOOKALIKES: Record<string, Subject> = {
  "a longer name": { ...ALICE, commonName: "malice" },
  "a name that goes on": { ...ALICE, commonName: "alice2" },
  capitals: { ...ALICE, commonName: "ALICE" },
  "a space at its end": { ...ALICE, commonName: "alice " },
  "another organization": { ...ALICE, organization: "Jack-GM Ltd" },
  "no organization": { commonName: "alice" },
  "one part more": { ...ALICE, country: "CN" },
  "her whole subject as a common name": { commonName: "alice,O=Jack-GM" },
  "her whole subject, and more behind it": { ...ALICE, organization: "Jack-GM;0A;00" },
  "her issuer in her name": { commonName: `alice,O=Jack-GM;${LAB};CN=alice,O=Jack-GM` },
  "a dot for a letter": { ...ALICE, commonName: "alic." },
};

/** The sites that run, and how they ask for certificates. */
const SITES = { on: "on", optional: "optional", optionalNoCa: "optional_no_ca", whole: "optional" } as const;
type Site = keyof typeof SITES;

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-access-"));
const running = {} as Record<Site, NginxContainer>;
const lookalikes: Record<string, Identity> = {};
let ca: string;
let clients: Record<"alice" | "renewed" | "bob" | "odd" | "almostOdd" | "namesake" | "forged" | "numbered", Identity>;

beforeAll(async () => {
  // The last one has the names of the first, and nginx does not trust it.
  const [lab, other, impostor] = [await authorities("Lab"), await authorities("Other"), await authorities("Lab")];
  ca = lab.root.certPem;
  const client = (subject: Subject, issuer = lab.intermediate) => identity({ subject }, issuer);
  const alice = await client(ALICE);
  const { serialNumber, fingerprint } = new X509Certificate(alice.certPem);
  clients = {
    alice,
    renewed: await client(ALICE),
    bob: await client({ ...ALICE, commonName: "bob" }),
    odd: await client(ODD),
    almostOdd: await client({ ...ODD, commonName: ODD.commonName.replace(".", "x") }),
    namesake: await client(ALICE, other.intermediate),
    forged: await client(ALICE, impostor.intermediate),
    numbered: await client({ commonName: `;${serialNumber};0` }),
  };
  for (const [what, subject] of Object.entries(LOOKALIKES)) lookalikes[what] = await client(subject);

  const fingerprintSha1 = fingerprint.replaceAll(":", "").toLowerCase();
  const server = await identity(
    { subject: { commonName: "lab.localhost" }, extendedKeyUsages: ["serverAuth"], dnsNames: ["lab.localhost"] },
    lab.intermediate,
  );
  const clientCaPem = lab.root.certPem + other.root.certPem;
  const everywhere = locations(serialNumber, fingerprintSha1);
  for (const [site, verifyClient] of Object.entries(SITES)) {
    const view = { ...DEV_VIEW, verifyClient, locations: site === "whole" ? WHOLE : everywhere };
    writeVersion(join(folder, site), { view, server, clientCaPem });
    running[site as Site] = await startNginx(folder, site);
  }
}, 60_000);

afterAll(async () => {
  await Promise.all(Object.values(running).map((container) => container.remove()));
  rmSync(folder, { recursive: true });
});

function locations(serialNumber: string, fingerprintSha1: string): LocationView[] {
  const alice = ALICE_ALONE;
  return [
    { path: "/alice", allow: [alice] },
    { path: "/alice/open" },
    { path: "/open" },
    { path: "/open/alice", allow: [alice] },
    { path: "/odd", allow: [{ issuer: LAB, subject: distinguishedName(ODD) }] },
    { path: "/issuer", allow: [{ issuer: OTHER }] },
    { path: "/serial", allow: [{ issuer: LAB, serialNumber }] },
    { path: "/fingerprint", allow: [{ fingerprintSha1 }] },
    { path: "/both", allow: [{ issuer: OTHER }, alice] },
    { path: "/closed", allow: [] },
    { path: "/whoami", allow: [alice] },
  ];
}

function get(path: string, client?: Identity, site: Site = "on", method = "GET"): Promise<Answer> {
  const tls = { ca, servername: "lab.localhost", identity: client };
  return request({ port: running[site].httpsPort, host: "lab.localhost", path, method, tls });
}

describe("a location with rules", () => {
  it.each<[path: string, allowed: (keyof typeof clients)[]]>([
    ["/alice", ["alice", "renewed"]],
    ["/odd", ["odd"]],
    ["/issuer", ["namesake"]],
    ["/serial", ["alice"]],
    ["/fingerprint", ["alice"]],
    ["/both", ["alice", "renewed", "namesake"]],
    ["/closed", []],
    ["/whoami", ["alice", "renewed"]],
    ["/open", ["alice", "renewed", "bob", "odd", "almostOdd", "namesake", "numbered"]],
    ["/", ["alice", "renewed", "bob", "odd", "almostOdd", "namesake", "numbered"]],
  ])("at %s lets in just %j", async (path, allowed) => {
    const { forged, ...known } = clients;
    const found = Object.entries(known).map(async ([name, client]) => [name, (await get(path, client)).status]);
    const expected = Object.keys(known).map((name) => [name, allowed.includes(name as never) ? 200 : 403]);

    expect(await Promise.all(found)).toEqual(expected);
    expect((await get(path, forged)).status).toBe(400);
  });

  it.each(Object.keys(LOOKALIKES))("takes nobody for Alice for having %s", async (what) => {
    expect((await get("/alice", lookalikes[what])).status).toBe(403);
    expect((await get("/open", lookalikes[what])).status).toBe(200);
  });

  it.each<[Site, number]>([
    ["optional", 403],
    ["optionalNoCa", 403],
    ["on", 400],
  ])("in site %s answers %i to who sends no certificate", async (site, status) => {
    expect((await get("/alice", undefined, site)).status).toBe(status);
    expect((await get("/alice", clients.alice, site)).status).toBe(200);
  });

  it("lets in nobody whose certificate was not verified, whatever name it has", async () => {
    const { status, body } = await get("/alice", clients.forged, "optionalNoCa");

    expect(status).toBe(403);
    expect(body).toContain("FAILED:");
    expect((await get("/open", clients.forged, "optionalNoCa")).status).toBe(200);
  });

  it.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "MOVE"])("refuses %s as well", async (method) => {
    expect((await get("/alice", clients.bob, "on", method)).status).toBe(403);
  });
});

describe("a site with rules for all of it", () => {
  it.each([
    ["/", 200],
    ["/whoami", 200],
    ["/nothing", 404],
  ])("shows %s to her alone", async (path, status) => {
    expect((await get(path, clients.alice, "whole")).status).toBe(status);
    expect((await get(path, clients.bob, "whole")).status).toBe(403);
    expect((await get(path, undefined, "whole")).status).toBe(403);
  });

  it("may have a part for everybody", async () => {
    expect((await get("/open", clients.bob, "whole")).status).toBe(200);
    expect((await get("/open", undefined, "whole")).status).toBe(200);
  });
});

describe("a path", () => {
  it.each([
    "/alice",
    "/alice/",
    "/alice/x",
    "/alice?x",
    "/alice/?/open",
    "/alice#/open",
    "//alice",
    "///alice//x",
    "/./alice",
    "/x/../alice",
    "/open/../alice",
    "/alice/open/../x",
    "/alice/open/..",
    "/%61lice",
    "/%61%6C%69%63%65/x",
    "/alice%2f",
    "/alice%2Fx",
    "/%2falice",
    "/x/%2e%2e/alice",
    "/x%2f..%2falice",
    "/open/%2E./alice",
    "https://lab.localhost/alice",
    "/open/alice",
    "/open//alice/x",
  ])("is what nginx makes of it: only Alice may see %s", async (path) => {
    expect((await get(path, clients.bob)).status).toBe(403);
    expect((await get(path, clients.alice)).status).toBe(200);
  });

  it.each(["/alice/open", "/alice/open/x", "/alice/../open", "/alice/%2e%2e/open", "/alice//open", "/open/alicex"])(
    "is decided by the longest that covers it: everybody may see %s",
    async (path) => {
      expect((await get(path, clients.bob)).status).toBe(200);
    },
  );

  it.each([
    "/administrator",
    "/alicex",
    "/alice.",
    "/alice;x",
    "/ALICE",
    "/Alice/x",
    "/alice%20",
    "/alic",
    "/%2561lice",
  ])("is another with one character more, less or otherwise: nothing is at %s", async (path) => {
    expect((await get(path, clients.bob)).status).toBe(404);
    expect((await get(path, clients.alice)).status).toBe(404);
  });

  it.each(["/alice%00", "/../alice", "/x/../../alice", "/%zz/alice"])(
    "is none that nginx refuses: %s",
    async (path) => {
      expect((await get(path, clients.alice)).status).toBe(400);
    },
  );

  it.each(["/errors/403.html", "/index.html"])("leads to no page by its file's name: %s", async (path) => {
    expect((await get(path, clients.alice)).status).toBe(404);
  });
});

describe("who is refused", () => {
  it("is told who they are, who is let in, why, and what helps", async () => {
    const { headers, body } = await get("/alice?a=<b>", clients.bob);

    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).toContain("<h1>403 Forbidden</h1>");
    expect(body).toContain("<dt>Subject<dd>CN=bob,O=Jack-GM\n<dt>Issuer<dd>CN=Lab Issuing CA\n");
    expect(body).toContain(
      "<h2>Who may see /alice?a=&lt;b&gt;</h2>\n\n<dl>\n<dt>Allowed<dd>CN=alice,O=Jack-GM, certified by CN=Lab Issuing CA\n</dl>",
    );
    expect(body.match(/<dt>Allowed/g)).toHaveLength(1);
    expect(body).toContain("your certificate is fine");
    expect(body).not.toContain("curl");
    expect(body).not.toContain("<!--");
  });

  it("is told of every kind of rule", async () => {
    const allowed = async (path: string) =>
      [...(await get(path, clients.bob)).body.matchAll(/<dt>Allowed<dd>(.*)\n/g)].map(([, words]) => words);
    const { serialNumber, fingerprint } = new X509Certificate(clients.alice.certPem);

    expect(await allowed("/closed")).toEqual(["nobody"]);
    expect(await allowed("/serial")).toEqual([`the certificate ${serialNumber} of ${LAB}`]);
    expect(await allowed("/fingerprint")).toEqual([
      `the certificate with the SHA-1 ${fingerprint.replaceAll(":", "").toLowerCase()}`,
    ]);
    expect(await allowed("/both")).toEqual([
      `everybody certified by ${OTHER}`,
      `CN=alice,O=Jack-GM, certified by ${LAB}`,
    ]);
    expect(await allowed("/odd")).toEqual([expect.stringMatching(/^CN=.*&#60;\/x\\&#62;&#39;,C=CN, certified by /)]);
  });

  it("is told to send a certificate, if it was that", async () => {
    const { body } = await get("/alice", undefined, "optional");

    expect(body).toContain("<dt>Verification<dd>NONE\n<dt>Subject<dd>none\n");
    expect(body).toContain("You sent no certificate");
    expect(body).toContain("--key client.key https://lab.localhost:8443/alice</pre>");
  });

  it("is told what is wrong with a certificate that was not verified", async () => {
    const { body } = await get("/alice", clients.forged, "optionalNoCa");

    expect(body).toContain("it could not verify your certificate.\nThe");
  });
});
