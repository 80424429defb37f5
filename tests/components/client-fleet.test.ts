import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientFleet, type ClientFleetArgs } from "../../components/client-fleet.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { Revocation } from "../../components/revocation.ts";
import { RootCA } from "../../components/root-ca.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

const RENEWED = "2026-01-31T12:00:00Z";

/** Two clients, below an intermediate. */
function fleet(args: Partial<ClientFleetArgs> = {}): ClientFleet {
  const nameConstraints = { permitted: { dnsNames: ["lab.test"] } };
  const root = new RootCA("root", { subject: { commonName: "Root" }, nameConstraints });
  const issuer = new IntermediateCA("issuing", {
    issuer: root,
    subject: { organization: "Acme", commonName: "Issuing" },
    crlDistributionPoints: ["http://lab.test/issuing.crl"],
  });
  const clients = ["alice", { name: "bob", renewedAt: RENEWED }];
  return new ClientFleet("fleet", { issuer, clients, subject: { organization: "Acme" }, ...args });
}

describe("ClientFleet", () => {
  it("is one resource for all clients", async () => {
    await declared(() => fleet());

    expect(tree().slice(0, 2)).toEqual(["ClientFleet fleet", "  ClientCredentials fleet-clients"]);
  });

  it("asks for clients of its issuer, a year long", async () => {
    await declared(() => fleet());

    expect(inspect("fleet-clients").inputs).toEqual({
      clients: ["alice", { name: "bob", renewedAt: RENEWED }],
      subject: { organization: "Acme" },
      keyAlgorithm: "P-256",
      issuerCertPem: "<issuing-cert>",
      issuerPrivateKeyPem: secret("<private issuing-key>"),
      chainPem: "<issuing-cert>",
      crlDistributionPoints: ["http://lab.test/issuing.crl"],
      validityPeriodHours: 8_760,
      earlyRenewalHours: 720,
    });
  });

  it("asks for what it was told", async () => {
    const args = {
      clients: [],
      keyAlgorithm: "RSA-2048",
      validityPeriodHours: 24,
      earlyRenewalHours: 3,
      notBefore: "-1h",
      renewedAt: RENEWED,
      extensions: [{ oid: "1.2.3", valueBase64: "BQA=" }],
      pkcs12Profile: "compat",
      directory: "/lab/clients",
    } satisfies Partial<ClientFleetArgs>;
    await declared(() => fleet(args));

    expect(inspect("fleet-clients").inputs).toMatchObject(args);
  });

  it("has for each client what a ClientCert has", async () => {
    const { issuer, ...alice } = (await declared(() => fleet())).client("alice");

    expect(issuer.name).toBe("issuing");
    expect(await valueOf(pulumi.output(alice))).toEqual({
      subject: { organization: "Acme", commonName: "alice" },
      certPem: "<certPem alice>",
      chainPem: "<certPem alice><issuing-cert>",
      serialNumber: "<serialNumber alice>",
      notAfter: "<notAfter alice>",
      fingerprintSha256: "<fingerprintSha256 alice>",
      privateKeyPem: "<privateKeyPem alice>",
      pkcs12Base64: "<pkcs12Base64 alice>",
      pkcs12Password: "<password alice>",
    });
  });

  it.each(["apply", "isKnown", "then", "constructor", "toString", "doNotCapture", "a@lab.test", "a-b"])(
    "has a client %s like any other",
    async (name) => {
      const { serialNumber, privateKeyPem } = (await declared(() => fleet({ clients: [name] }))).client(name);

      expect(await Promise.all([serialNumber, privateKeyPem].map(valueOf))).toEqual([
        `<serialNumber ${name}>`,
        `<privateKeyPem ${name}>`,
      ]);
    },
  );

  it("keeps keys, PKCS#12 files and passwords secret, and all of the clients out of what a component stores", async () => {
    const made = await declared(() => fleet());

    const { privateKeyPem, pkcs12Base64, pkcs12Password, chainPem } = made.client("bob");
    expect(await Promise.all([privateKeyPem, pkcs12Base64, pkcs12Password, chainPem].map(pulumi.isSecret))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([await pulumi.isSecret(made.credentials), await pulumi.isSecret(made.certificates)]).toEqual([true, false]);
    expect(inspect("fleet-clients").additionalSecretOutputs).toEqual(["credentials"]);
    expect(inspect("fleet").inputs).toEqual({ subject: { organization: "Acme" } });
    expect(inspect("fleet").outputs).toEqual({ names: ["alice", "bob"] });
  });

  it("can have its clients revoked", async () => {
    await declared(() => {
      const made = fleet();
      const revoked = [{ id: "bob", certificate: made.client("bob"), reason: "superseded" as const }];
      return new Revocation("revocation", { issuers: [made.issuer], revoked });
    });

    expect(inspect("revocation-issuing").inputs.revoked).toEqual([
      { id: "bob", serialNumber: "<serialNumber bob>", reason: "superseded" },
    ]);
  });

  it.each<[string, Partial<ClientFleetArgs>, string]>([
    [
      "a name that is none",
      { clients: ["alice", "../x"] },
      "'clients[1]' must be 1 to 64 letters and digits, with ._@- in between, got '../x'",
    ],
    [
      "a client twice",
      { clients: ["alice", { name: "Alice" }] },
      "'clients[1]' must differ from the name of clients[0], capitals aside, got 'Alice': remove one",
    ],
    [
      "a client with the name of a CA",
      { clients: ["alice", "Issuing"] },
      "'subject' must differ from every CA's above it, got O=Acme, CN=Issuing again: change commonName",
    ],
    [
      "a client that the issuer's name constraints forbid",
      { clients: ["alice", "www.example.com"] },
      "'www.example.com' is forbidden by the name constraints of CN=Root: choose another name, or widen 'nameConstraints' there",
    ],
    [
      "certificates that outlive their issuer",
      { validityPeriodHours: 50_000 },
      "'validityPeriodHours' must be less than the issuer's 43800, got 50000: lower it, or raise the issuer's",
    ],
  ])("refuses %s", async (_, args, sentence) => {
    expect(await refusalOf(() => fleet(args))).toBe(sentence);
  });

  it("says which of its clients there is not", async () => {
    const made = await declared(() => fleet());

    expect(await refusalOf(() => made.client("carol"))).toBe(
      "there is no client 'carol' in this fleet: add it to 'clients'",
    );
  });
});
