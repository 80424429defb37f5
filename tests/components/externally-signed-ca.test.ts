import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert } from "../../components/client-cert.ts";
import { ExternallySignedCA, type ExternallySignedCAArgs } from "../../components/externally-signed-ca.ts";
import { ImportedCA } from "../../components/imported-ca.ts";
import { intermediatesBelowRoot } from "../../components/issuer.ts";
import { Revocation } from "../../components/revocation.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";
import { site } from "../site.ts";

const subject = { organization: "Acme", commonName: "Acme Issuing CA" };

function issuing(args: Partial<ExternallySignedCAArgs> = {}): ExternallySignedCA {
  return new ExternallySignedCA("issuing", { subject, directory: "/srv/ca", ...args });
}

/** With the answer of a corporate root. */
function signed(args: Partial<ExternallySignedCAArgs> = {}): ExternallySignedCA {
  return issuing({ certPem: "<answer>", issuer: new ImportedCA("corporate", { certPem: "<corporate>" }), ...args });
}

describe("ExternallySignedCA", () => {
  it("owns a key, a request and its file, as long as there is no answer", async () => {
    const ca = await declared(() => issuing());

    expect(ca.isSigned).toBe(false);
    expect(tree()).toEqual([
      "ExternallySignedCA issuing",
      "  CertificateRequest issuing-request",
      "  CredentialFiles issuing-files",
      "  PrivateKey issuing-key",
    ]);
    expect(inspect("issuing-request").inputs).toEqual({
      subject,
      privateKeyPem: secret("<private issuing-key>"),
      isCa: true,
      maxPathLength: 0,
      keyUsages: ["keyCertSign", "cRLSign"],
    });
    expect(inspect("issuing-files").inputs).toEqual({
      directory: "/srv/ca",
      files: secret({ "issuing.csr": { content: "<issuing-request>", mode: "0644" } }),
    });
  });

  it("has the answer looked at with its own key, and sends it after what it issues", async () => {
    const ca = await declared(() => signed());

    expect(ca.isSigned).toBe(true);
    expect(inspect("issuing-cert").inputs).toEqual({
      certPem: "<answer>",
      privateKeyPem: secret("<private issuing-key>"),
      chainPem: "<corporate-cert>",
    });
    expect(await valueOf(ca.chainPem)).toBe("<issuing-cert>");
    expect(intermediatesBelowRoot(ca)).toBe(1);
    expect(await pulumi.isSecret(ca.privateKeyPem)).toBe(true);
  });

  it("asks for CAs below it, and with another kind of key, if it shall", async () => {
    await declared(() => issuing({ maxPathLength: 1, keyAlgorithm: "P-384" }));

    expect(inspect("issuing-request").inputs.maxPathLength).toBe(1);
    expect(inspect("issuing-key").inputs.ecdsaCurve).toBe("P384");
  });

  it.each<[string, (ca: ExternallySignedCA) => unknown]>([
    ["a certificate", (issuer) => new ClientCert("alice", { issuer, subject: { commonName: "alice" } })],
    ["a site", (ca) => site({ clientIssuers: [ca] })],
    ["a revocation list", (ca) => new Revocation("revocation", { issuers: [ca] })],
    ["a program", (ca) => ca.certPem],
  ])("says what to do to %s that needs the answer before it is there", async (_, use) => {
    expect(await refusalOf(() => use(issuing()))).toBe(
      "it has no certificate yet: have /srv/ca/issuing.csr signed by a CA, and give the certificate as 'certPem' " +
        "and that CA as 'issuer'",
    );
  });

  it.each<[Partial<ExternallySignedCAArgs>, string]>([
    [{ directory: "out" }, "'directory' must be an absolute path, got 'out'"],
    [
      { issuer: undefined },
      "'certPem' is given without 'issuer': give both, the certificate and the CA that signed it",
    ],
    [
      { certPem: undefined },
      "'issuer' is given without 'certPem': give both, the certificate and the CA that signed it",
    ],
  ])("refuses %j", async (args, sentence) => {
    expect(await refusalOf(() => signed(args))).toBe(sentence);
  });
});
