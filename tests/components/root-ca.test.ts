import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { KEY_ALGORITHMS } from "../../rules/key-algorithms.ts";
import { RootCA, type RootCAArgs } from "../../components/root-ca.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

const subject = { organization: "Acme", commonName: "Acme Root CA" };

describe("RootCA", () => {
  it("owns one key and one certificate", async () => {
    await declared(() => new RootCA("root", { subject }));

    expect(tree()).toEqual(["RootCA root", "  Certificate root-cert", "  PrivateKey root-key"]);
  });

  it("signs itself: for ten years, with no limit of CAs below, and no renewal before its end", async () => {
    await declared(() => new RootCA("root", { subject }));

    expect(inspect("root-cert").inputs).toEqual({
      subject,
      publicKeyPem: "<public root-key>",
      issuerPrivateKeyPem: secret("<private root-key>"),
      isCa: true,
      keyUsages: ["keyCertSign", "cRLSign"],
      extendedKeyUsages: [],
      dnsNames: [],
      ipAddresses: [],
      validityPeriodHours: 87_600,
      earlyRenewalHours: 0,
    });
  });

  it("takes a lifetime and a path length, 0 included", async () => {
    const root = await declared(() => new RootCA("root", { subject, validityPeriodHours: 24, maxPathLength: 0 }));

    expect(inspect("root-cert").inputs).toMatchObject({ validityPeriodHours: 24, maxPathLength: 0 });
    expect(root).toMatchObject({ validityPeriodHours: 24, maxPathLength: 0 });
  });

  it.each([
    ["P-256", { algorithm: "ECDSA", ecdsaCurve: "P256" }],
    ["P-384", { algorithm: "ECDSA", ecdsaCurve: "P384" }],
    ["P-521", { algorithm: "ECDSA", ecdsaCurve: "P521" }],
    ["RSA-2048", { algorithm: "RSA", rsaBits: 2048 }],
    ["RSA-3072", { algorithm: "RSA", rsaBits: 3072 }],
    ["RSA-4096", { algorithm: "RSA", rsaBits: 4096 }],
    ["Ed25519", { algorithm: "ED25519" }],
  ] as const)("makes a key of kind %s", async (keyAlgorithm, inputs) => {
    expect(KEY_ALGORITHMS).toContain(keyAlgorithm);
    await declared(() => new RootCA("root", { subject, keyAlgorithm }));

    expect(inspect("root-key").inputs).toEqual(inputs);
  });

  it("makes a key of kind P-256 unless told otherwise", async () => {
    await declared(() => new RootCA("root", { subject }));

    expect(inspect("root-key").inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P256" });
  });

  it("is its own chain's end: nothing is sent for it", async () => {
    const root = await declared(() => new RootCA("root", { subject }));

    expect(root.issuer).toBeUndefined();
    expect(await valueOf(root.certPem)).toBe("<root-cert>");
    expect(await valueOf(root.chainPem)).toBe("");
  });

  it("keeps its key secret, and out of what a component stores", async () => {
    const root = await declared(() => new RootCA("root", { subject }));

    expect(await valueOf(root.privateKeyPem)).toBe("<private root-key>");
    expect(await pulumi.isSecret(root.privateKeyPem)).toBe(true);
    expect(await pulumi.isSecret(root.certPem)).toBe(false);
    expect(inspect("root").inputs).toEqual({ subject });
    expect(inspect("root").outputs).toEqual({ certPem: "<root-cert>" });
  });

  it("is known by its serial number", async () => {
    const root = await declared(() => new RootCA("root", { subject }));

    expect(root.name).toBe("root");
    expect(await valueOf(root.serialNumber)).toBe("<serial root-cert>");
  });

  it("passes its protection on to its children", async () => {
    await declared(() => new RootCA("root", { subject }, { protect: true }));

    expect(["root", "root-key", "root-cert"].map((name) => inspect(name).isProtected)).toEqual([true, true, true]);
  });
});

describe("a RootCA for which an older root vouches", () => {
  const older = (args: Partial<RootCAArgs> = {}) => new RootCA("older", { subject: { commonName: "Older" }, ...args });

  it("has a second certificate with its name, its key and its limits, signed by the older root, and sends it", async () => {
    const nameConstraints = { permitted: { dnsNames: ["lab.test"] } };
    const root = await declared(() => new RootCA("root", { subject, nameConstraints, crossSignedBy: older() }));

    expect(inspect("root-cross").inputs).toEqual({
      subject,
      publicKeyPem: "<public root-key>",
      issuerCertPem: "<older-cert>",
      issuerPrivateKeyPem: secret("<private older-key>"),
      isCa: true,
      nameConstraints,
      keyUsages: ["keyCertSign", "cRLSign"],
      extendedKeyUsages: [],
      dnsNames: [],
      ipAddresses: [],
      validityPeriodHours: 8_760,
      earlyRenewalHours: 720,
    });
    expect(tree("root")).toEqual(["Certificate root-cert", "Certificate root-cross", "PrivateKey root-key"]);
    expect(await valueOf(root.chainPem)).toBe("<root-cross>");
    expect(await valueOf(root.certPem)).toBe("<root-cert>");
    expect(root.issuer).toBeUndefined(); // it is a root all the same
  });

  it("sends what an even older root says of the older one, too", async () => {
    const root = await declared(() => {
      const middle = new RootCA("middle", { subject: { commonName: "Middle" }, crossSignedBy: older() });
      return new RootCA("root", { subject, crossSignedBy: middle });
    });

    expect(await valueOf(root.chainPem)).toBe("<root-cross><middle-cross>");
  });

  it.each([
    [{}, {}, undefined],
    [{ maxPathLength: 3 }, {}, 2],
    [{ maxPathLength: 3 }, { maxPathLength: 1 }, 1],
    [{ maxPathLength: 3 }, { maxPathLength: 5 }, 2],
    [{}, { maxPathLength: 1 }, 1],
  ])("below one with %j may have, with %j of its own, so many CAs below: %j", async (olderArgs, args, limit) => {
    await declared(() => new RootCA("root", { subject, ...args, crossSignedBy: older(olderArgs) }));

    expect(inspect("root-cross").inputs.maxPathLength).toBe(limit);
  });

  it("may be protected, but its second certificate is not: it is renewed, and dropped in the end", async () => {
    await declared(() => new RootCA("root", { subject, crossSignedBy: older() }, { protect: true }));

    expect(["root-cert", "root-cross"].map((name) => inspect(name).isProtected)).toEqual([true, false]);
  });

  it("is vouched for no longer than the older one can", async () => {
    await declared(() => new RootCA("root", { subject, crossSignedBy: older({ validityPeriodHours: 100 }) }));

    expect(inspect("root-cross").inputs).toMatchObject({ validityPeriodHours: 50, earlyRenewalHours: 50 / 3 });
  });

  it.each<[string, () => RootCAArgs, string]>([
    [
      "of its own name",
      () => ({ subject, crossSignedBy: older({ subject }) }),
      "'subject' must differ from every CA's above it, got O=Acme, CN=Acme Root CA again: change commonName",
    ],
    [
      "that may have no CA below",
      () => ({ subject, crossSignedBy: older({ maxPathLength: 0 }) }),
      "'crossSignedBy' has maxPathLength 0: it may vouch for no other CA",
    ],
  ])("refuses an older root %s", async (_, args, sentence) => {
    expect(await refusalOf(() => new RootCA("root", args()))).toBe(sentence);
  });
});
