import { beforeAll, describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import { issue } from "../../provider/x509/issue.ts";
import { verifyStrictly, x509 } from "../openssl.ts";
import { type KeyPair, keyPair } from "./keys.ts";
import { changed, created, UNKNOWN } from "./resources.ts";

const HOUR_MS = 3_600_000;
const CA = { isCa: true, keyUsages: ["keyCertSign", "cRLSign"], extendedKeyUsages: [], dnsNames: [], ipAddresses: [] };
const pair = keyPair();

let root: Resource;
let leafInputs: Properties;
let leaf: Resource;

/** Inputs of a root with this key. */
function rootInputs({ publicKeyPem, privateKeyPem }: KeyPair, commonName = "Root"): Properties {
  const keys = { publicKeyPem, issuerPrivateKeyPem: privateKeyPem };
  return { ...CA, ...keys, subject: { commonName }, validityPeriodHours: 1000, earlyRenewalHours: 0 };
}

beforeAll(async () => {
  const rootPair = keyPair();
  root = await created(certificate, rootInputs(rootPair));
  leafInputs = {
    subject: { organization: "Acme", commonName: "web" },
    publicKeyPem: pair.publicKeyPem,
    issuerCertPem: root.outputs.certPem,
    issuerPrivateKeyPem: rootPair.privateKeyPem,
    isCa: false,
    keyUsages: ["digitalSignature"],
    extendedKeyUsages: ["serverAuth"],
    dnsNames: ["lab.test", "*.lab.test"],
    ipAddresses: ["192.0.2.1", "2001:DB8:0::1"],
    validityPeriodHours: 100,
    earlyRenewalHours: 10,
  };
  leaf = await created(certificate, leafInputs);
});

describe("a new certificate", () => {
  it("is taken by OpenSSL, and described in OpenSSL's words", () => {
    const { certPem, serialNumber, fingerprintSha256, notBefore, notAfter } = leaf.outputs as Record<string, string>;

    expect(verifyStrictly(root.outputs.certPem as string, [certPem!], "-verify_ip", "2001:db8::1")).toBe("leaf: OK\n");
    expect(x509(certPem!, "-serial", "-fingerprint", "-sha256", "-dates", "-dateopt", "iso_8601")).toBe(
      [
        `serial=${serialNumber}`,
        `sha256 Fingerprint=${fingerprintSha256}`,
        `notBefore=${notBefore!.replace("T", " ").replace(".000", "")}`,
        `notAfter=${notAfter!.replace("T", " ").replace(".000", "")}`,
        "",
      ].join("\n"),
    );
    expect(leaf.id).toBe(serialNumber);
  });

  it.each([[24], [1 / 3], [0.333], [999.9]])("is valid for %d hours, from five minutes ago", async (hours) => {
    const inputs = { ...leafInputs, validityPeriodHours: hours, earlyRenewalHours: 0 };
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { outputs } = await created(certificate, inputs);
    const after = Date.now();

    const [start, end] = [outputs.notBefore, outputs.notAfter].map((time) => Date.parse(time as string));
    expect(end! - start!).toBe(Math.round(hours * 3600) * 1000);
    expect(start).toBeGreaterThanOrEqual(before - 5 * 60_000);
    expect(start).toBeLessThanOrEqual(after - 5 * 60_000);
  });

  it("ends with its issuer if that has less time left, and is not renewed before the issuer is", async () => {
    const request = { ...CA, subject: { commonName: "Old" }, publicKeyPem: pair.publicKeyPem };
    const start = Math.floor(Date.now() / 1000) * 1000;
    const validity = { notBefore: new Date(start - 90 * HOUR_MS), notAfter: new Date(start + 9 * HOUR_MS) };
    const { privateKeyPem } = pair;
    const signer = { privateKeyPem };
    const issuerCertPem = await issue(request as Parameters<typeof issue>[0], signer, validity);

    const inputs = {
      ...leafInputs,
      issuerCertPem,
      issuerPrivateKeyPem: privateKeyPem,
      validityPeriodHours: 20,
      earlyRenewalHours: 19,
    };
    const leaf = await created(certificate, inputs);
    expect(leaf.outputs.notAfter).toBe(validity.notAfter.toISOString());
    expect(await changed(certificate, leaf, {})).toEqual({ update: [], replace: [] });

    const renewed = { notBefore: validity.notBefore, notAfter: new Date(start + 90 * HOUR_MS) };
    const later = { issuerCertPem: await issue(request as Parameters<typeof issue>[0], signer, renewed) };
    expect(await changed(certificate, leaf, later)).toEqual({ update: ["issuerCertPem"], replace: ["notAfter"] });
  });

  it("is refused if its issuer has ended", async () => {
    const request = { ...CA, subject: { commonName: "Old" }, publicKeyPem: pair.publicKeyPem };
    const end = new Date(Math.floor(Date.now() / 1000) * 1000 - HOUR_MS);
    const validity = { notBefore: new Date(end.getTime() - 90 * HOUR_MS), notAfter: end };
    const { privateKeyPem } = pair;
    const issuerCertPem = await issue(request as Parameters<typeof issue>[0], { privateKeyPem }, validity);

    const inputs = { ...leafInputs, issuerCertPem, issuerPrivateKeyPem: privateKeyPem, validityPeriodHours: 20 };
    await expect(created(certificate, inputs)).rejects.toThrow(
      `the issuer has ended ${end.toISOString()}: replace it, it can sign nothing that is valid`,
    );
  });

  it("is refused if the key is not the issuer's", async () => {
    const inputs = { ...leafInputs, issuerPrivateKeyPem: pair.privateKeyPem };

    await expect(created(certificate, inputs)).rejects.toThrow(
      "the certificate does not say what was asked: its signature does not verify with the issuer's public key",
    );
  });
});

describe("an update of a certificate", () => {
  it.each<[string, Properties]>([
    ["nothing", {}],
    ["the order of names", { dnsNames: ["*.lab.test", "lab.test"], ipAddresses: ["2001:db8::1", "192.0.2.1"] }],
    ["a name given twice", { dnsNames: ["lab.test", "*.lab.test", "lab.test"] }],
    ["the notation of an address", { ipAddresses: ["2001:db8:0:0:0:0:0:1", "192.0.2.1"] }],
    ["the order of a subject's parts", { subject: { commonName: "web", organization: "Acme" } }],
  ])("does nothing when %s changes", async (_, inputs) => {
    expect(await changed(certificate, leaf, inputs)).toEqual({ update: [], replace: [] });
  });

  it.each<[string, unknown]>([
    ["subject", { organization: "Acme", commonName: "www" }],
    ["publicKeyPem", keyPair().publicKeyPem],
    ["issuerPrivateKeyPem", keyPair().privateKeyPem],
    ["isCa", true],
    ["keyUsages", ["digitalSignature", "keyEncipherment"]],
    ["extendedKeyUsages", ["clientAuth"]],
    ["dnsNames", ["lab.test"]],
    ["ipAddresses", []],
    ["validityPeriodHours", 101],
    ["publicKeyPem", UNKNOWN],
    ["issuerPrivateKeyPem", UNKNOWN],
    ["subject", UNKNOWN],
    ["dnsNames", UNKNOWN],
  ])("replaces it when %s changes", async (property, value) => {
    expect(await changed(certificate, leaf, { [property]: value })).toEqual({ update: [], replace: [property] });
  });

  it("changes earlyRenewalHours in place, and keeps the certificate", async () => {
    expect(await changed(certificate, leaf, { earlyRenewalHours: 11 })).toEqual({
      update: ["earlyRenewalHours"],
      replace: [],
    });
    expect(certificate.previewUpdate!(leaf, {})).toBe(leaf.outputs);
    expect("update" in certificate).toBe(false); // there is nothing to do but remember
  });

  it.each([
    ["nothing while its last 10 hours are to come", 10 * HOUR_MS + 60_000, []],
    ["a replacement in its last 10 hours", 10 * HOUR_MS - 60_000, ["notAfter"]],
    ["a replacement after its end", -1, ["notAfter"]],
  ])("plans %s", async (_, left, replace) => {
    const notAfter = new Date(Date.now() + left).toISOString();
    const resource = { ...leaf, outputs: { ...leaf.outputs, notAfter } };

    expect(await changed(certificate, resource, {})).toEqual({ update: [], replace });
    expect(await changed(certificate, resource, { dnsNames: [] })).toEqual({ update: [], replace: ["dnsNames"] });
  });
});

describe("an update of a certificate whose issuer's changed", () => {
  /** A root with the key of the first, or another. */
  const newRoot = async (commonName: string, key?: KeyPair) => {
    const same = { publicKeyPem: root.inputs.publicKeyPem, privateKeyPem: root.inputs.issuerPrivateKeyPem };
    return (await created(certificate, rootInputs(key ?? (same as KeyPair), commonName))).outputs.certPem;
  };

  it.each([
    ["keeps it if name and key are the same", () => newRoot("Root"), ["issuerCertPem"], []],
    ["keeps it if the issuer is to be renewed", () => UNKNOWN, ["issuerCertPem"], []],
    ["replaces it if the name is another", () => newRoot("Other"), [], ["issuerCertPem"]],
    ["replaces it if the key is another", () => newRoot("Root", keyPair()), [], ["issuerCertPem"]],
  ])("%s", async (_, issuerCertPem, update, replace) => {
    expect(await changed(certificate, leaf, { issuerCertPem: await issuerCertPem() })).toEqual({ update, replace });
  });

  it("replaces it if it is to have another key", async () => {
    const inputs = { issuerCertPem: UNKNOWN, issuerPrivateKeyPem: UNKNOWN };

    expect(await changed(certificate, leaf, inputs)).toEqual({ update: [], replace: Object.keys(inputs) });
  });
});
