import { resolve } from "node:path";

import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { readStack } from "../cli/stack.ts";
import type { LabConfig } from "../config.ts";
import { declared, inspect, tree, valueOf } from "./mocks.ts";
import { page } from "./readme.ts";
import { contentOf } from "./site.ts";

type Program = typeof import("../index.ts");

/** What the lab of a stack file is made of, with other values for some keys. */
async function lab(stack: string, values: Partial<LabConfig> = {}): Promise<Program> {
  const { config } = await readStack(stack);
  const texts = Object.entries({ ...config, ...values }).map(([key, value]) => [
    `mtls-lab:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>);
  // The query makes it another module, which runs again.
  return declared(() => import(`../index.ts?${Math.random()}`) as Promise<Program>);
}

/** Names of the registered resources of a class. */
function namesOf(type: string): string[] {
  return tree().flatMap((line) => (line.trim().startsWith(`${type} `) ? line.trim().slice(type.length + 1) : []));
}

/** The tree of the lab with these clients; `deployed` is what runs the site. */
function labOf(clients: string[], deployed: string[]): string[] {
  return [
    ...clients.flatMap((name) => [
      `ClientCert ${name}`,
      `  Certificate ${name}-cert`,
      `  CredentialFiles ${name}-files`,
      `  Pkcs12 ${name}-pkcs12`,
      `  PrivateKey ${name}-key`,
    ]),
    "CredentialFiles root-files",
    "IntermediateCA issuing",
    "  Certificate issuing-cert",
    "  PrivateKey issuing-key",
    "NginxMtlsSite site",
    ...["  SiteFiles site-files", ...deployed].sort(),
    "Revocation revocation",
    "  RevocationList revocation-issuing",
    "  RevocationList revocation-root",
    "RootCA root",
    "  Certificate root-cert",
    "  PrivateKey root-key",
    "ServerCert server",
    "  Certificate server-cert",
    "  PrivateKey server-key",
  ];
}

const DOCKER = ["  Container site-container", "  RemoteImage site-image", "  SiteReload site-reload"];

describe("the lab", () => {
  it.each<[string, Partial<LabConfig>, string[]]>([
    ["dev", {}, labOf(["alice", "bob"], DOCKER)],
    ["dev", { clients: ["alice", "bob", "carol"] }, labOf(["alice", "bob", "carol"], DOCKER)],
    ["ci", {}, labOf(["alice", "bob"], [])],
    ["prod", {}, labOf(["alice", "bob"], DOCKER)],
    ["seed", {}, labOf(["Client"], DOCKER)],
  ])("of stack %s with %j is just this", async (stack, values, expected) => {
    await lab(stack, values);

    expect(tree()).toEqual(expected);
  });

  it("tells, in stack dev, just this", async () => {
    const outputs = pulumi.output({ ...(await lab("dev")) });

    const client = (name: string) => ({
      serialNumber: `<serial ${name}-cert>`,
      notAfter: `<end ${name}-cert>`,
      fingerprintSha256: `<fingerprint ${name}-cert>`,
    });
    expect(await valueOf(outputs)).toEqual({
      url: "https://lab.localhost:8443/",
      httpUrl: "http://lab.localhost:8080/",
      domain: "lab.localhost",
      rootCertPem: "<root-cert>",
      clients: { alice: client("alice"), bob: client("bob") },
      site: { containerName: "mtls-lab-test-site", verifyClient: "on", verifyDepth: 1 },
    });
    expect(await pulumi.isSecret(outputs)).toBe(false);
  });

  it("has a root that certifies the site's names and addresses only, unless told otherwise", async () => {
    await lab("dev");

    expect(inspect("root-cert").inputs.nameConstraints).toEqual({
      permitted: { dnsNames: ["lab.localhost"], emailAddresses: ["lab.localhost"], ipRanges: ["127.0.0.1/32"] },
    });
    expect(inspect("issuing-cert").inputs).not.toHaveProperty("nameConstraints");
  });

  it("has a root without constraints where they are switched off", async () => {
    await lab("dev", { nameConstraints: false });

    expect(inspect("root-cert").inputs).not.toHaveProperty("nameConstraints");
  });

  it("revokes by client, by role and by serial number, each in the list of its CA", async () => {
    const serial = "4A0102030405060708090A0B0C0D0E0F";
    await lab("dev", {
      revoked: { bob: "keyCompromise", server: "superseded", intermediate: "cACompromise", [serial]: "unspecified" },
      crlValidityHours: 30,
    });

    expect(inspect("revocation-issuing").inputs).toMatchObject({
      revoked: [
        { id: "bob", serialNumber: "<serial bob-cert>", reason: "keyCompromise" },
        { id: "server", serialNumber: "<serial server-cert>", reason: "superseded" },
        { id: serial, serialNumber: serial, reason: "unspecified" },
      ],
      validityPeriodHours: 30,
      earlyRenewalHours: 10,
    });
    expect(inspect("revocation-root").inputs.revoked).toEqual([
      { id: "intermediate", serialNumber: "<serial issuing-cert>", reason: "cACompromise" },
    ]);
  });

  it("says who may see what, by client and by group, of the fleet as well", async () => {
    await lab("dev", {
      fleet: ["carol"],
      groups: { ops: ["alice", "carol"], constructor: ["bob"] },
      access: { "/admin": ["ops", "bob"], "/own/": ["constructor"], "/closed": [] },
    });

    const issuer = "CN=Jack-GM Intermediate CA,O=Jack-GM";
    const only = (name: string) => `"~^SUCCESS;${issuer};CN=${name},O=Jack-GM;" "";`;
    const maps = [...contentOf("nginx.conf").matchAll(/# (\/\S+)\n +map .* \$refused_\d {\n +default 1;\n([^}]*)}/g)];
    expect(maps.map(([, path, lines]) => [path, lines!.trim().split(/\n */)])).toEqual([
      ["/admin", [only("alice"), only("carol"), only("bob")]],
      ["/own", [only("bob")]],
      ["/closed", [""]],
    ]);
  });

  it("lets its clients in, during a rollover, with a certificate from either intermediate", async () => {
    await lab("dev", { trustedRoots: [1, 2], issuingRoot: 2, access: { "/admin": ["alice"] } });

    const issuers = [...contentOf("nginx.conf").matchAll(/"~\^SUCCESS;CN=([^,]*),O=Jack-GM;CN=alice,O=Jack-GM;"/g)];
    expect(issuers.map(([, name]) => name)).toEqual(["Jack-GM Intermediate CA", "Jack-GM Intermediate CA 2"]);
  });

  it("hands its lists to nginx", async () => {
    await lab("dev");

    const { value } = inspect("site-files").inputs.files as { value: Record<string, { content: string }> };
    expect(value["client-ca.crl"]!.content).toBe("<revocation-issuing><revocation-root>");
    expect(value["nginx.conf"]!.content).toContain("ssl_crl                client-ca.crl;");
  });

  it("renews what it is told to, and nothing else", async () => {
    const moments = {
      root: "2026-01-01T00:00:00Z",
      intermediate: "2026-01-02T00:00:00Z",
      server: "2026-01-03T00:00:00Z",
      alice: "2026-01-04T00:00:00Z",
    };
    await lab("dev", { renewed: moments });

    const asked = namesOf("Certificate").map((name) => [name, inspect(name).inputs.renewedAt]);
    expect(Object.fromEntries(asked)).toEqual({
      "root-cert": moments.root,
      "issuing-cert": moments.intermediate,
      "server-cert": moments.server,
      "alice-cert": moments.alice,
      "bob-cert": undefined,
    });
  });

  it("has, with a fleet, one resource for all of its clients", async () => {
    await lab("dev", { clients: ["alice"], fleet: ["carol", "dave"] });

    const fleet = ["ClientFleet fleet", "  ClientCredentials fleet-clients"];
    const [alice, others] = [labOf(["alice"], DOCKER).slice(0, 5), labOf(["alice"], DOCKER).slice(5)];
    expect(tree()).toEqual([...alice, ...fleet, ...others]);
    expect(inspect("fleet-clients").inputs).toMatchObject({
      clients: [{ name: "carol" }, { name: "dave" }],
      subject: { organization: "Jack-GM" },
      keyAlgorithm: "P-256",
      issuerCertPem: "<issuing-cert>",
      validityPeriodHours: 8760,
      pkcs12Profile: "modern",
      directory: resolve(".lab/test/clients"),
    });
  });

  it("tells of the clients of a fleet what it tells of the others, renews them and revokes them", async () => {
    const moment = "2026-01-04T00:00:00Z";
    const fleet = ["carol", "apply"];
    const outputs = await lab("dev", {
      clients: ["alice"],
      fleet,
      renewed: { carol: moment },
      revoked: { apply: "superseded" },
    });

    const client = (name: string) => ({
      serialNumber: `<serialNumber ${name}>`,
      notAfter: `<notAfter ${name}>`,
      fingerprintSha256: `<fingerprintSha256 ${name}>`,
    });
    expect(await valueOf(pulumi.output(outputs.clients))).toEqual({
      alice: {
        serialNumber: "<serial alice-cert>",
        notAfter: "<end alice-cert>",
        fingerprintSha256: "<fingerprint alice-cert>",
      },
      carol: client("carol"),
      apply: client("apply"),
    });
    expect(await pulumi.isSecret(pulumi.output(outputs.clients))).toBe(false);
    expect(inspect("fleet-clients").inputs.clients).toEqual([{ name: "carol", renewedAt: moment }, { name: "apply" }]);
    expect(inspect("revocation-issuing").inputs.revoked).toEqual([
      { id: "apply", serialNumber: "<serialNumber apply>", reason: "superseded" },
    ]);
  });

  it("signs the clients and the server by the intermediate, and that by the root", async () => {
    await lab("dev");

    const issuers = namesOf("Certificate").map((name) => [name, inspect(name).inputs.issuerCertPem]);
    expect(Object.fromEntries(issuers)).toEqual({
      "root-cert": undefined,
      "issuing-cert": "<root-cert>",
      "server-cert": "<issuing-cert>",
      "alice-cert": "<issuing-cert>",
      "bob-cert": "<issuing-cert>",
    });
  });

  it("has, during a rollover, two roots that are trusted, and issues below one of them", async () => {
    const { rootCertPem } = await lab("dev", { trustedRoots: [2, 1], issuingRoot: 2, revoked: { bob: "superseded" } });

    const issuers = namesOf("Certificate").map((name) => [name, inspect(name).inputs.issuerCertPem]);
    expect(Object.fromEntries(issuers)).toEqual({
      "root-cert": undefined,
      "root-2-cert": undefined,
      "root-2-cross": "<root-cert>",
      "issuing-cert": "<root-cert>",
      "issuing-2-cert": "<root-2-cert>",
      "server-cert": "<issuing-2-cert>",
      "alice-cert": "<issuing-2-cert>",
      "bob-cert": "<issuing-2-cert>",
    });
    const commonName = (name: string) => (inspect(name).inputs.subject as { commonName: string }).commonName;
    expect(["root-2-cert", "root-2-cross", "issuing-2-cert"].map(commonName)).toEqual([
      "Jack-GM Root CA 2",
      "Jack-GM Root CA 2",
      "Jack-GM Intermediate CA 2",
    ]);
    expect(await valueOf(rootCertPem)).toBe("<root-cert><root-2-cert>");
    expect(contentOf("client-ca.crt")).toBe("<root-cert><root-2-cert>");
    expect(contentOf("server.crt")).toBe("<server-cert><issuing-2-cert><root-2-cross>");
    expect(inspect("revocation-issuing").inputs.revoked).toEqual([{ id: "bob", reason: "superseded" }]);
  });

  it("revokes a serial number in the list of every CA that may have issued it", async () => {
    const serialNumber = "4A112233445566778899AABBCCDDEEFF";
    await lab("dev", { trustedRoots: [1, 2], revoked: { [serialNumber]: "superseded" } });

    for (const list of ["revocation-issuing", "revocation-issuing-2"]) {
      expect(inspect(list).inputs.revoked).toEqual([{ id: serialNumber, serialNumber, reason: "superseded" }]);
    }
  });

  it("may have a root from a file, without its key", async () => {
    await lab("dev", { rootCertFile: "LICENSE" });

    expect(tree("root")).toEqual(["CaCertificate root-cert"]);
    expect(inspect("root-cert").inputs).toEqual({ certPem: page("LICENSE") });
    expect(inspect("issuing-cert").inputs).not.toHaveProperty("issuerPrivateKeyPem");
  });

  it("is refused with one sentence if the file of its root is not there", async () => {
    await expect(lab("dev", { rootCertFile: "no.crt" })).rejects.toMatchObject({
      __pulumiRunError: true,
      message: `configuration key 'rootCertFile' names ${resolve("no.crt")}, which is not there`,
    });
    expect(tree()).toEqual([]);
  });

  it("writes below .lab and its own stack's name only", async () => {
    await lab("dev");

    const directories = [...namesOf("CredentialFiles"), ...namesOf("SiteFiles")].map((name) => inspect(name).inputs);
    expect(directories.map(({ directory }) => directory)).toEqual(
      ["clients/alice", "clients/bob", "", "site"].map((path) => resolve(".lab/test", path)),
    );
  });

  it("has, in stack prod, stronger keys, the standard ports, and a root that nothing destroys by accident", async () => {
    const { url } = await lab("prod");

    expect(url).toBe("https://lab.localhost/");
    expect(new Set(namesOf("PrivateKey").map((name) => inspect(name).inputs.ecdsaCurve))).toEqual(new Set(["P384"]));
    const isProtected = (name: string) => inspect(name).isProtected;
    expect(["root", "root-key", "root-cert"].map(isProtected)).toEqual([true, true, true]);
    expect(["issuing", "alice", "site"].map(isProtected)).toEqual([false, false, false]);
  });

  it("is, in stack seed, the one of the source documents", async () => {
    const { url, site } = await lab("seed");

    const place = { country: "CN", province: "Shanghai", locality: "Pudong" };
    const subject = (commonName: string) => ({
      ...place,
      organization: "Jack-GM",
      organizationalUnit: "IT",
      commonName,
    });
    expect(Object.fromEntries(namesOf("Certificate").map((name) => [name, inspect(name).inputs.subject]))).toEqual({
      "root-cert": subject("Jack-GM Root CA"),
      "issuing-cert": subject("Jack-GM Intermediate CA"),
      "server-cert": subject("*.jack-gm.com"),
      "Client-cert": subject("Client"),
    });
    expect(namesOf("PrivateKey").map((name) => inspect(name).inputs.rsaBits)).toEqual([2048, 2048, 2048, 2048]);
    expect(inspect("root-cert").inputs.validityPeriodHours).toBe(87_600);
    expect(inspect("server-cert").inputs).toMatchObject({
      dnsNames: ["*.jack-gm.com", "jack-gm.com"],
      ipAddresses: ["192.168.232.129"],
    });
    expect({ url, verifyClient: site.verifyClient }).toEqual({ url: "https://jack-gm.com:8445/", verifyClient: "on" });
  });

  it("has a site with every setting as it is configured", async () => {
    const shown = { verifyClient: "optional", tlsPolicy: "modern", http2: true } as const;
    const reached = { bindAddress: "127.0.0.2", httpPort: 8081, httpsPort: 8444 };
    await lab("dev", { ...shown, ...reached, image: "nginx:1.29", memory: 64, openFiles: 2048 });

    expect(inspect("site").inputs).toEqual({ ...shown, ...reached });
    expect(inspect("site-container").inputs).toMatchObject({ memory: 64, ulimits: [{ name: "nofile", hard: 2048 }] });
    expect(inspect("site-image").inputs.name).toBe("nginx:1.29");
  });

  it.each(["modern", "compat"] as const)("makes every PKCS#12 file of profile %s, as configured", async (profile) => {
    await lab("dev", { pkcs12Profile: profile });

    expect(namesOf("Pkcs12").map((name) => inspect(name).inputs.profile)).toEqual([profile, profile]);
  });

  it("is refused with one sentence and nothing declared if a value is wrong", async () => {
    await expect(lab("dev", { clients: ["../x"] })).rejects.toMatchObject({
      __pulumiRunError: true,
      message:
        "configuration key 'clients' must be a list of at least 1, none twice, " +
        'each 1 to 64 letters and digits, with ._@- in between, got ["../x"]',
    });
    expect(tree()).toEqual([]);
  });
});
