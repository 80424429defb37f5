import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert, type ClientCertArgs } from "../../components/client-cert.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { RootCA } from "../../components/root-ca.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

const subject = { organization: "Acme", commonName: "alice" };

/** A client's certificate, below an intermediate. */
function alice(args: Partial<ClientCertArgs> = {}): ClientCert {
  const root = new RootCA("root", { subject: { commonName: "Root" } });
  const issuer = new IntermediateCA("issuing", { issuer: root, subject: { commonName: "Issuing" } });
  return new ClientCert("alice", { issuer, subject, ...args });
}

describe("ClientCert", () => {
  it.each([
    [{}, []],
    [{ directory: "/lab/alice" }, ["  CredentialFiles alice-files"]],
  ])("with %j owns a key, a certificate, a PKCS#12 and %j", async (args, files) => {
    await declared(() => alice(args));

    expect(tree().slice(0, -6)).toEqual([
      "ClientCert alice",
      "  Certificate alice-cert",
      ...files,
      "  Pkcs12 alice-pkcs12",
      "  PrivateKey alice-key",
    ]);
  });

  it("is for a client with this name, and signs nothing", async () => {
    await declared(() => alice());

    expect(inspect("alice-cert").inputs).toEqual({
      subject,
      publicKeyPem: "<public alice-key>",
      issuerCertPem: "<issuing-cert>",
      issuerPrivateKeyPem: secret("<private issuing-key>"),
      isCa: false,
      keyUsages: ["digitalSignature"],
      extendedKeyUsages: ["clientAuth"],
      dnsNames: [],
      ipAddresses: [],
      emailAddresses: [],
      validityPeriodHours: 8_760,
      earlyRenewalHours: 720,
    });
  });

  it("is known by its subject, its issuer and its other names", async () => {
    const names = { dnsNames: ["a.test", "b.test"], uris: ["spiffe://a.test/alice"], emailAddresses: ["alice@a.test"] };
    const cert = await declared(() => alice(names));

    expect(cert.issuer.name).toBe("issuing");
    expect(cert.subject).toEqual(subject);
    expect(cert.subjectAltNames).toEqual([
      "DNS:a.test",
      "DNS:b.test",
      "URI:spiffe://a.test/alice",
      "email:alice@a.test",
    ]);
  });

  it("puts the whole chain into the PKCS#12, under the common name", async () => {
    await declared(() => alice());

    expect(inspect("alice-pkcs12")).toMatchObject({
      inputs: {
        chainPem: "<alice-cert><issuing-cert>",
        privateKeyPem: secret("<private alice-key>"),
        friendlyName: "alice",
      },
      additionalSecretOutputs: ["contentBase64", "password"],
    });
  });

  it.each([[undefined], ["modern"], ["compat"]] as const)("asks for a PKCS#12 of profile %s", async (pkcs12Profile) => {
    await declared(() => alice({ pkcs12Profile }));

    expect(inspect("alice-pkcs12").inputs.profile).toBe(pkcs12Profile); // undefined: the resource has a default
  });

  it("writes what a client needs; keys and passwords for their owner only, and secret as a whole", async () => {
    await declared(() => alice({ directory: "/lab/alice" }));

    expect(inspect("alice-files").inputs).toEqual({
      directory: "/lab/alice",
      files: secret({
        "client.crt": { content: "<alice-cert>", mode: "0644" },
        "chain.crt": { content: "<alice-cert><issuing-cert>", mode: "0644" },
        "client.key": { content: "<private alice-key>", mode: "0600" },
        "client.p12": { content: "<alice-pkcs12>", encoding: "base64", mode: "0600" },
        password: { content: "<password alice-pkcs12>", mode: "0600" },
      }),
    });
  });

  it("keeps its key, its PKCS#12 and the password secret, and out of what a component stores", async () => {
    const cert = await declared(() => alice({ directory: "/lab/alice" }));

    const { privateKeyPem, pkcs12Base64, pkcs12Password, chainPem } = cert;
    expect(await Promise.all([privateKeyPem, pkcs12Base64, pkcs12Password].map(valueOf))).toEqual([
      "<private alice-key>",
      "<alice-pkcs12>",
      "<password alice-pkcs12>",
    ]);
    expect(await Promise.all([privateKeyPem, pkcs12Base64, pkcs12Password, chainPem].map(pulumi.isSecret))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(inspect("alice").inputs).toEqual({ subject });
    expect(inspect("alice").outputs).toEqual({
      certPem: "<alice-cert>",
      chainPem: "<alice-cert><issuing-cert>",
      serialNumber: "<serial alice-cert>",
    });
  });

  it.each<[string, Partial<ClientCertArgs>, string]>([
    [
      "that outlives its issuer",
      { validityPeriodHours: 50_000 },
      "'validityPeriodHours' must be less than the issuer's 43800, got 50000: lower it, or raise the issuer's",
    ],
    [
      "with the name of the root",
      { subject: { commonName: "Root" } },
      "'subject' must differ from every CA's above it, got CN=Root again: change commonName",
    ],
  ])("refuses a certificate %s", async (_, args, sentence) => {
    expect(await refusalOf(() => alice(args))).toBe(sentence);
  });
});
