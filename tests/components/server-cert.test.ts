import { describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { KEY_ALGORITHMS } from "../../rules/key-algorithms.ts";
import { RootCA } from "../../components/root-ca.ts";
import { ServerCert, type ServerCertArgs } from "../../components/server-cert.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

const names = { dnsNames: ["*.lab.test", "lab.test"], ipAddresses: ["127.0.0.1", "::1"] };

/** A server's certificate, signed by a root of its own. */
function web(args: Partial<ServerCertArgs> = names): ServerCert {
  const issuer = new RootCA("root", { subject: { commonName: "Root" }, validityPeriodHours: 10_000 });
  return new ServerCert("web", { issuer, ...args });
}

describe("ServerCert", () => {
  it("owns one key and one certificate", async () => {
    await declared(() => web());

    expect(tree().slice(3)).toEqual(["ServerCert web", "  Certificate web-cert", "  PrivateKey web-key"]);
  });

  it("is for a server with these names and addresses, and signs nothing", async () => {
    await declared(() => web());

    expect(inspect("web-cert").inputs).toEqual({
      subject: { commonName: "*.lab.test" },
      publicKeyPem: "<public web-key>",
      issuerCertPem: "<root-cert>",
      issuerPrivateKeyPem: secret("<private root-key>"),
      isCa: false,
      keyUsages: ["digitalSignature"],
      extendedKeyUsages: ["serverAuth"],
      ...names,
      emailAddresses: [],
      validityPeriodHours: 8_760,
      earlyRenewalHours: 720,
    });
  });

  it.each(KEY_ALGORITHMS)("with a key of kind %s, may encipher keys only if that is RSA", async (keyAlgorithm) => {
    jest.spyOn(pulumi.log, "warn").mockResolvedValue(); // leaf-cert.test.ts is about it
    await declared(() => web({ ...names, keyAlgorithm }));

    expect(inspect("web-cert").inputs.keyUsages).toEqual(
      keyAlgorithm.startsWith("RSA") ? ["digitalSignature", "keyEncipherment"] : ["digitalSignature"],
    );
  });

  it.each<[Partial<ServerCertArgs>, string]>([
    [{ dnsNames: ["b.test", "a.test"], ipAddresses: ["::1"] }, "b.test"],
    [{ ipAddresses: ["127.0.0.1", "::1"] }, "127.0.0.1"],
    [{ dnsNames: ["a.test"], subject: { commonName: "Acme" } }, "Acme"],
  ])("named %j has the common name %s", async (args, commonName) => {
    await declared(() => web(args));

    expect(inspect("web-cert").inputs.subject).toEqual({ commonName });
  });

  it("shows what the server sends and what others ask of it", async () => {
    const cert = await declared(() => web());

    expect(cert).toMatchObject(names);
    expect(await valueOf(cert.certPem)).toBe("<web-cert>");
    expect(await valueOf(cert.chainPem)).toBe("<web-cert>");
    expect(await valueOf(cert.serialNumber)).toBe("<serial web-cert>");
    expect(await valueOf(cert.notAfter)).toBe("<end web-cert>");
    expect(await valueOf(cert.fingerprintSha256)).toBe("<fingerprint web-cert>");
  });

  it("keeps its key secret, and out of what a component stores", async () => {
    const cert = await declared(() => web());

    expect(await valueOf(cert.privateKeyPem)).toBe("<private web-key>");
    expect(await pulumi.isSecret(cert.privateKeyPem)).toBe(true);
    expect(await pulumi.isSecret(cert.chainPem)).toBe(false);
    expect(inspect("web").inputs).toEqual(names);
    expect(inspect("web").outputs).toEqual({
      certPem: "<web-cert>",
      chainPem: "<web-cert>",
      serialNumber: "<serial web-cert>",
    });
  });

  it.each<[string, Partial<ServerCertArgs>, string]>([
    [
      "without a name",
      {},
      "'dnsNames' and 'ipAddresses' are both empty: clients accept a server by these names only, give one",
    ],
    [
      "with a name that is none",
      { dnsNames: ["lab.test", "a;b"] },
      "'dnsNames[1]' must be a DNS name like lab.localhost, or one under a leading '*.', got 'a;b'",
    ],
    [
      "with an address among its names",
      { dnsNames: ["192.0.2.1"] },
      "'dnsNames[0]' must be a DNS name like lab.localhost, or one under a leading '*.', got '192.0.2.1'",
    ],
    [
      "with an address that is none",
      { ipAddresses: ["[::1]"] },
      "'ipAddresses[0]' must be an IPv4 or IPv6 address without brackets, port and zone, got '[::1]'",
    ],
    [
      "that outlives its issuer",
      { ...names, validityPeriodHours: 10_000 },
      "'validityPeriodHours' must be less than the issuer's 10000, got 10000: lower it, or raise the issuer's",
    ],
    [
      "with its issuer's name",
      { ...names, subject: { commonName: "Root" } },
      "'subject' must differ from every CA's above it, got CN=Root again: change commonName",
    ],
  ])("refuses a certificate %s", async (_, args, sentence) => {
    expect(await refusalOf(() => web(args))).toBe(sentence);
  });
});
