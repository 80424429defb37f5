import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { IntermediateCA, type IntermediateCAArgs } from "../../components/intermediate-ca.ts";
import { RootCA, type RootCAArgs } from "../../components/root-ca.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

const subject = { organization: "Acme", commonName: "Acme Issuing CA" };

/** An intermediate below a root of its own. */
function issuing(args: Partial<IntermediateCAArgs> = {}, rootArgs: Partial<RootCAArgs> = {}): IntermediateCA {
  const issuer = new RootCA("root", { subject: { commonName: "Acme Root CA" }, ...rootArgs });
  return new IntermediateCA("issuing", { issuer, subject, ...args });
}

describe("IntermediateCA", () => {
  it("owns one key and one certificate, and is no child of its issuer", async () => {
    await declared(() => issuing());

    expect(tree()).toEqual([
      "IntermediateCA issuing",
      "  Certificate issuing-cert",
      "  PrivateKey issuing-key",
      "RootCA root",
      "  Certificate root-cert",
      "  PrivateKey root-key",
    ]);
  });

  it("is signed by its issuer: for five years, to sign leaf certificates only", async () => {
    await declared(() => issuing());

    expect(inspect("issuing-cert").inputs).toEqual({
      subject,
      publicKeyPem: "<public issuing-key>",
      issuerCertPem: "<root-cert>",
      issuerPrivateKeyPem: secret("<private root-key>"),
      isCa: true,
      maxPathLength: 0,
      keyUsages: ["keyCertSign", "cRLSign"],
      extendedKeyUsages: [],
      dnsNames: [],
      ipAddresses: [],
      validityPeriodHours: 43_800,
      earlyRenewalHours: 720,
    });
  });

  it.each([
    [{ validityPeriodHours: 3 }, 1],
    [{ validityPeriodHours: 2_160 }, 720],
    [{ validityPeriodHours: 2_163 }, 720],
    [{ validityPeriodHours: 3, earlyRenewalHours: 0 }, 0],
  ])("with %j it is renewed %i hours before its end", async (args, hours) => {
    await declared(() => issuing(args));

    expect(inspect("issuing-cert").inputs.earlyRenewalHours).toBe(hours);
  });

  it("sends every CA below the root", async () => {
    const lower = await declared(() => {
      const upper = issuing({ maxPathLength: 1 });
      return new IntermediateCA("lower", { issuer: upper, subject: { commonName: "L" }, validityPeriodHours: 24 });
    });

    expect(await valueOf(lower.chainPem)).toBe("<lower-cert><issuing-cert>");
  });

  it("keeps its key secret, and out of what a component stores", async () => {
    const ca = await declared(() => issuing());

    expect(await valueOf(ca.privateKeyPem)).toBe("<private issuing-key>");
    expect(await pulumi.isSecret(ca.privateKeyPem)).toBe(true);
    expect(await pulumi.isSecret(ca.chainPem)).toBe(false);
    expect(inspect("issuing").inputs).toEqual({ subject });
    expect(inspect("issuing").outputs).toEqual({ certPem: "<issuing-cert>", chainPem: "<issuing-cert>" });
  });

  it("is known by its serial number", async () => {
    const ca = await declared(() => issuing());

    expect(ca.name).toBe("issuing");
    expect(await valueOf(ca.serialNumber)).toBe("<serial issuing-cert>");
  });

  it.each([
    [0, 0],
    [1, 1],
    [1, 5],
  ])("refuses, below a CA with path length %i, a path length of %i", async (above, maxPathLength) => {
    expect(await refusalOf(() => issuing({ maxPathLength }, { maxPathLength: above }))).toBe(
      `'maxPathLength' must be less than the issuer's ${above}, got ${maxPathLength}: raise the issuer's`,
    );
  });

  it("refuses to outlive its issuer", async () => {
    expect(await refusalOf(() => issuing({ validityPeriodHours: 87_600 }))).toBe(
      "'validityPeriodHours' must be less than the issuer's 87600, got 87600: lower it, or raise the issuer's",
    );
  });

  it("refuses its issuer's name", async () => {
    expect(await refusalOf(() => issuing({ subject: { commonName: "Acme Root CA" } }))).toBe(
      "'subject' must differ from every CA's above it, got CN=Acme Root CA again: change commonName",
    );
  });
});
