import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert } from "../../components/client-cert.ts";
import { ImportedCA, type ImportedCAArgs } from "../../components/imported-ca.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { intermediatesBelowRoot, rootOf } from "../../components/issuer.ts";
import { Revocation } from "../../components/revocation.ts";
import { RootCA } from "../../components/root-ca.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";
import { contentOf, site } from "../site.ts";

/** A root without its key and an issuing CA with it, as step leaves them. */
function imported(rootArgs: Partial<ImportedCAArgs> = {}): { root: ImportedCA; issuing: ImportedCA } {
  const root = new ImportedCA("root", { certPem: "<root>", ...rootArgs });
  const issuing = new ImportedCA("issuing", { certPem: "<issuing>", privateKeyPem: "<key>", issuer: root });
  return { root, issuing };
}

describe("ImportedCA", () => {
  it("owns one resource, which looks at certificate, key, chain and list", async () => {
    await declared(() => imported({ crlPem: "<crl>" }));

    expect(tree()).toEqual([
      "ImportedCA issuing",
      "  CaCertificate issuing-cert",
      "ImportedCA root",
      "  CaCertificate root-cert",
    ]);
    expect(inspect("root-cert").inputs).toEqual({ certPem: "<root>", crlPem: "<crl>" });
    expect(inspect("issuing-cert").inputs).toEqual({
      certPem: "<issuing>",
      privateKeyPem: secret("<key>"),
      chainPem: "<root-cert>",
    });
  });

  it("keeps its key secret, and out of what a component stores", async () => {
    const { root, issuing } = await declared(() => imported());

    expect(root.privateKeyPem).toBeUndefined();
    expect(await pulumi.isSecret(issuing.privateKeyPem!)).toBe(true);
    expect(inspect("issuing").inputs).toEqual({});
    expect(inspect("issuing").outputs).toEqual({ certPem: "<issuing-cert>", chainPem: "<issuing-cert>" });
  });

  it("is a root, or has one above itself", async () => {
    const { root, issuing } = await declared(() => imported());

    expect([root, issuing].map(intermediatesBelowRoot)).toEqual([0, 1]);
    expect(rootOf(issuing)).toBe(root);
    expect(await valueOf(root.chainPem)).toBe("");
    expect(await valueOf(issuing.chainPem)).toBe("<issuing-cert>");
  });

  it("signs what is below; what forbids it is left to the provider, which sees the CAs above as well", async () => {
    await declared(() => {
      const { root, issuing } = imported();
      const lower = new IntermediateCA("lower", {
        issuer: issuing,
        subject: { commonName: "L" },
        validityPeriodHours: 1e6,
      });
      new ClientCert("alice", { issuer: lower, subject: { commonName: "alice" }, validityPeriodHours: 24 });
      new IntermediateCA("other", { issuer: root, subject: { commonName: "O" }, maxPathLength: 9 });
    });

    const named = (name: string) => {
      const { issuerCertPem, issuerChainPem, issuerPrivateKeyPem } = inspect(name).inputs;
      return { issuerCertPem, issuerChainPem, issuerPrivateKeyPem };
    };
    expect(named("other-cert")).toEqual({ issuerCertPem: "<root-cert>" });
    expect(named("lower-cert")).toEqual({
      issuerCertPem: "<issuing-cert>",
      issuerChainPem: "<root-cert>",
      issuerPrivateKeyPem: secret("<key>"),
    });
    expect(named("alice-cert")).toEqual({
      issuerCertPem: "<lower-cert>",
      issuerChainPem: "<issuing-cert><root-cert>",
      issuerPrivateKeyPem: secret("<private lower-key>"),
    });
  });

  it("leaves what our own CAs forbid to their components, and the certificates without it", async () => {
    await declared(() => {
      const issuer = new RootCA("root", { subject: { commonName: "R" } });
      const issuing = new IntermediateCA("issuing", { issuer, subject: { commonName: "I" } });
      new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" } });
    });

    expect(inspect("alice-cert").inputs).not.toHaveProperty("issuerChainPem");
  });

  it("is trusted by a site, which names it on its pages as its certificate does", async () => {
    await declared(() => site({ clientIssuers: [imported().issuing] }));

    expect(contentOf("client-ca.crt")).toBe("<root-cert>");
    expect(contentOf("pages/errors/495.html")).toContain("&#60;subject root-cert&#62;<br>");
  });
});

describe("the Revocation of an ImportedCA", () => {
  it("takes its own list as it is, and lapses with the first of all", async () => {
    const { crlPem, nextUpdate } = await declared(() => {
      const { issuing } = imported({ crlPem: "<crl>" });
      return new Revocation("revocation", { issuers: [issuing] });
    });

    expect(tree()).toContain("  RevocationList revocation-issuing");
    expect(tree()).not.toContain("  RevocationList revocation-root");
    expect(await valueOf(crlPem)).toBe("<revocation-issuing><crl>");
    expect(await valueOf(nextUpdate)).toBe("<next update revocation-issuing>");
  });

  it("makes the list of one that has none, and signs it if the key is there", async () => {
    await declared(() => new Revocation("revocation", { issuers: [imported().issuing] }));

    expect(inspect("revocation-issuing").inputs.issuerPrivateKeyPem).toEqual(secret("<key>"));
    expect(inspect("revocation-root").inputs).not.toHaveProperty("issuerPrivateKeyPem");
  });

  it("refuses to add to a list that is made elsewhere", async () => {
    const sentence = await refusalOf(() => {
      const { root, issuing } = imported({ crlPem: "<crl>" });
      const revoked = [
        { id: "issuing", certificate: { issuer: root, serialNumber: "AB" }, reason: "superseded" as const },
      ];
      new Revocation("revocation", { issuers: [issuing], revoked });
    });

    expect(sentence).toBe(
      "'revoked[0]' issuing was issued by root, whose list is given as its 'crlPem': revoke it there",
    );
  });
});

describe("the Revocation of several CAs", () => {
  it("keeps who has changed from one to another in the list of both", async () => {
    await declared(() => {
      const issuer = new RootCA("root", { subject: { commonName: "R" } });
      const issuing = (name: string) => new IntermediateCA(name, { issuer, subject: { commonName: name } });
      const [old, current] = [issuing("old"), issuing("current")];
      const bob = new ClientCert("bob", { issuer: current, subject: { commonName: "bob" } });
      const revoked = [
        { id: "bob", certificate: bob, reason: "superseded" as const },
        { id: "old", certificate: old, reason: "superseded" as const },
        { id: "AB", certificate: { issuer: old, serialNumber: "AB" }, reason: "superseded" as const },
        { id: "AB", certificate: { issuer: current, serialNumber: "AB" }, reason: "superseded" as const },
      ];
      new Revocation("revocation", { issuers: [old, current], revoked });
    });

    const reason = "superseded";
    const entries = (name: string) => inspect(`revocation-${name}`).inputs.revoked;
    expect(entries("current")).toEqual([
      { id: "bob", serialNumber: "<serial bob-cert>", reason },
      { id: "AB", serialNumber: "AB", reason },
    ]);
    expect(entries("old")).toEqual([
      { id: "AB", serialNumber: "AB", reason },
      { id: "bob", reason },
    ]);
    expect(entries("root")).toEqual([{ id: "old", serialNumber: "<serial old-cert>", reason }]);
  });
});
