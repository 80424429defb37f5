import { beforeAll, describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import { issue } from "../../provider/x509/issue.ts";
import { startOf } from "../../rules/not-before.ts";
import { setClock } from "../clock.ts";
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

  it("is not issued if its issuer has ended since it was checked", async () => {
    const request = { ...CA, subject: { commonName: "Old" }, publicKeyPem: pair.publicKeyPem };
    const end = new Date(Math.floor(Date.now() / 1000) * 1000 - HOUR_MS);
    const validity = { notBefore: new Date(end.getTime() - 90 * HOUR_MS), notAfter: end };
    const { privateKeyPem } = pair;
    const issuerCertPem = await issue(request as Parameters<typeof issue>[0], { privateKeyPem }, validity);

    const inputs = { ...leaf.inputs, issuerCertPem, issuerPrivateKeyPem: privateKeyPem, validityPeriodHours: 20 };
    await expect(certificate.create(inputs)).rejects.toThrow(
      `the issuer has ended ${end.toISOString()}: renew it, it can sign nothing that is valid`,
    );
  });

  it("is not issued if what was signed does not verify with the issuer's key", async () => {
    const inputs = { ...leaf.inputs, issuerPrivateKeyPem: pair.privateKeyPem };

    await expect(certificate.create(inputs)).rejects.toThrow(
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
    ["a list that is empty instead of left out", { emailAddresses: [], uris: [], caIssuers: [], extensions: [] }],
    ["the start to its default", { notBefore: undefined }],
  ])("does nothing when %s changes", async (_, inputs) => {
    expect(await changed(certificate, leaf, inputs)).toEqual({ update: [], replace: [] });
  });

  it.each<[string, unknown]>([
    ["subject", { organization: "Acme", commonName: "www" }],
    ["publicKeyPem", keyPair().publicKeyPem],
    ["isCa", true],
    ["keyUsages", ["digitalSignature", "keyEncipherment"]],
    ["extendedKeyUsages", ["clientAuth"]],
    ["dnsNames", ["lab.test"]],
    ["ipAddresses", []],
    ["emailAddresses", ["web@lab.test"]],
    ["uris", ["spiffe://lab.test/web"]],
    ["crlDistributionPoints", ["http://lab.test/ca.crl"]],
    ["caIssuers", ["http://lab.test/ca.crt"]],
    ["ocspResponders", ["http://lab.test/ocsp"]],
    ["extensions", [{ oid: "1.3.6.1.5.5.7.1.24", valueBase64: "MAMCAQU=" }]],
    ["notBefore", "-10m"],
    ["notBefore", "2026-01-01T00:00:00Z"],
    ["validityPeriodHours", 101],
    ["publicKeyPem", UNKNOWN],
    ["subject", UNKNOWN],
    ["dnsNames", UNKNOWN],
  ])("replaces it when %s changes", async (property, value) => {
    expect(await changed(certificate, leaf, { [property]: value })).toEqual({ update: [], replace: [property] });
  });

  it.each<[string, unknown]>([
    ["earlyRenewalHours", 11],
    ["earlyRenewalHours", UNKNOWN],
    ["issuerPrivateKeyPem", undefined],
    ["issuerPrivateKeyPem", UNKNOWN],
    ["renewedAt", "2020-01-01T00:00:00Z"],
    ["renewedAt", UNKNOWN],
  ])("changes %s to %s in place, and keeps the certificate", async (property, value) => {
    expect(await changed(certificate, leaf, { [property]: value })).toEqual({ update: [property], replace: [] });
    expect(certificate.previewUpdate!(leaf, {})).toBe(leaf.outputs);
    expect("update" in certificate).toBe(false); // there is nothing to do but remember
  });

  it("does nothing to a certificate of a state that says less", async () => {
    const inputs = Object.fromEntries(Object.entries(leaf.inputs).filter(([name]) => name !== "notBefore"));

    expect(await changed(certificate, { ...leaf, inputs }, {})).toEqual({ update: [], replace: [] });
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

describe("a certificate with a start of its own", () => {
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const inHours = (hours: number) => new Date(now.getTime() + hours * HOUR_MS);
  const NOTHING = { update: [], replace: [] };

  /** A certificate that is issued now, and is asked to last 24 hours; the last 8 are for its renewal. */
  const startingAt = async (notBefore: string) => {
    setClock(now);
    return created(certificate, { ...leafInputs, notBefore, validityPeriodHours: 24, earlyRenewalHours: 8 });
  };

  it.each([
    ["made expired on purpose", "-400d", /certificate has expired/],
    ["made expired on purpose, by a moment", "2020-01-31T00:00:00Z", /certificate has expired/],
    ["of a moment to come", inHours(72).toISOString(), /certificate is not yet valid/],
    ["of a moment ago", inHours(-12).toISOString(), undefined],
  ])("%s is as it was asked to be, and stays so whatever the time", async (_, notBefore, refusal) => {
    const resource = await startingAt(notBefore);
    const { certPem, notBefore: start, notAfter: end, issuedAt } = resource.outputs as Record<string, string>;
    const verify = () => verifyStrictly(root.outputs.certPem as string, [certPem!]);

    expect(start).toBe(startOf(notBefore, now).toISOString());
    expect(Date.parse(end!) - Date.parse(start!)).toBe(24 * HOUR_MS);
    expect(issuedAt).toBe(now.toISOString());
    if (refusal) expect(verify).toThrow(refusal);
    else expect(verify()).toBe("leaf: OK\n");
    for (const hours of [0, 1, 23, 48, 96, 20_000, 200_000]) {
      setClock(inHours(hours));
      expect(await changed(certificate, resource, {})).toEqual(NOTHING);
    }
  });

  it("that is not yet valid stays so until the last part of its life", async () => {
    const resource = await startingAt("+24h");

    expect(() => verifyStrictly(root.outputs.certPem as string, [resource.outputs.certPem as string])).toThrow(
      "certificate is not yet valid",
    );
    for (const hours of [0, 23, 24, 39.999]) {
      setClock(inHours(hours));
      expect(await changed(certificate, resource, {})).toEqual(NOTHING);
    }
    setClock(inHours(40));
    expect(await changed(certificate, resource, {})).toEqual({ update: [], replace: ["notAfter"] });
  });
});

describe("a certificate that is to be renewed", () => {
  const issue = new Date(Math.floor(Date.now() / 1000) * 1000 + 500);
  const inSeconds = (seconds: number) =>
    new Date(Math.floor(issue.getTime() / 1000) * 1000 + seconds * 1000).toISOString();
  const NOTHING = { update: ["renewedAt"], replace: [] };
  const RENEWAL = { update: ["renewedAt"], replace: ["renewedAt"] };

  it.each([
    ["stays if it was issued later", -1, 0, NOTHING],
    ["stays if it was issued in the same second", 0, 0, NOTHING],
    ["is renewed if it was issued earlier", 1, 1, RENEWAL],
    ["is renewed if it was issued earlier, however long ago that is", 1, 5 * 3600, RENEWAL],
    ["stays until the moment has come", 2, 1, NOTHING],
  ])("%s", async (_, renewedAt, now, change) => {
    setClock(issue);
    const resource = await created(certificate, leafInputs);

    setClock(inSeconds(now));
    expect(await changed(certificate, resource, { renewedAt: inSeconds(renewedAt) })).toEqual(change);
  });

  it("is renewed once, and then stays", async () => {
    setClock(issue);
    const resource = await created(certificate, { ...leafInputs, renewedAt: inSeconds(3600) });
    expect(await changed(certificate, resource, {})).toEqual({ update: [], replace: [] });

    setClock(inSeconds(3600));
    expect(await changed(certificate, resource, {})).toEqual({ update: [], replace: ["renewedAt"] });
    const renewed = await created(certificate, resource.inputs);
    expect(renewed.outputs.serialNumber).not.toBe(resource.outputs.serialNumber);
    for (const seconds of [3600, 7200]) {
      setClock(inSeconds(seconds));
      expect(await changed(certificate, renewed, {})).toEqual({ update: [], replace: [] });
      expect(await changed(certificate, renewed, { renewedAt: undefined })).toEqual(NOTHING);
    }
  });

  it("is renewed though it has a fixed start, and as what it was", async () => {
    setClock(issue);
    const fixed = await created(certificate, { ...leafInputs, notBefore: "2020-01-31T00:00:00Z" });

    setClock(inSeconds(1));
    expect(await changed(certificate, fixed, { renewedAt: inSeconds(1) })).toEqual(RENEWAL);
    const renewed = await created(certificate, { ...fixed.inputs, renewedAt: inSeconds(1) });
    expect(renewed.outputs).toMatchObject({ notBefore: fixed.outputs.notBefore, notAfter: fixed.outputs.notAfter });
  });

  it("says what else changes, and not that", async () => {
    setClock(issue);
    const resource = await created(certificate, leafInputs);

    setClock(inSeconds(1));
    expect(await changed(certificate, resource, { renewedAt: inSeconds(1), dnsNames: [] })).toEqual({
      update: ["renewedAt"],
      replace: ["dnsNames"],
    });
  });
});

describe("a certificate whose issuer's key is away", () => {
  const NO_KEY = "'web' is to be signed, and its issuer's key is not here: bring it back for this update";

  it("stays as it is until it is due", async () => {
    const away = { ...leaf, inputs: await withoutKey() };

    expect(await changed(certificate, leaf, { issuerPrivateKeyPem: undefined })).toEqual({
      update: ["issuerPrivateKeyPem"],
      replace: [],
    });
    expect(await changed(certificate, away, {})).toEqual({ update: [], replace: [] });
    expect(await changed(certificate, away, { issuerPrivateKeyPem: leafInputs.issuerPrivateKeyPem })).toEqual({
      update: ["issuerPrivateKeyPem"],
      replace: [],
    });
  });

  it("cannot be issued, and says so in one sentence", async () => {
    await expect(certificate.create(await withoutKey())).rejects.toThrow(new Error(NO_KEY));
  });

  async function withoutKey(): Promise<Properties> {
    const { inputs } = await certificate.check({ ...leafInputs, issuerPrivateKeyPem: undefined }, leaf.inputs);
    return inputs;
  }
});

describe("an update of a certificate whose issuer's changed", () => {
  /** A root with the key of the first, or another; and that key. */
  const newRoot = async (commonName: string, key?: KeyPair) => {
    const same = { publicKeyPem: root.inputs.publicKeyPem, privateKeyPem: root.inputs.issuerPrivateKeyPem } as KeyPair;
    const { privateKeyPem } = key ?? same;
    const { outputs } = await created(certificate, rootInputs(key ?? same, commonName));
    return { issuerCertPem: outputs.certPem, issuerPrivateKeyPem: privateKeyPem };
  };

  it.each<[string, () => Properties | Promise<Properties>, string[], string[]]>([
    ["keeps it if name and key are the same", () => newRoot("Root"), ["issuerCertPem"], []],
    ["keeps it if the issuer is to be renewed", () => ({ issuerCertPem: UNKNOWN }), ["issuerCertPem"], []],
    ["replaces it if the name is another", () => newRoot("Other"), [], ["issuerCertPem"]],
    ["replaces it if the key is another", () => newRoot("Root", keyPair()), ["issuerPrivateKeyPem"], ["issuerCertPem"]],
    [
      "replaces it if the issuer is to have another key",
      () => ({ issuerCertPem: UNKNOWN, issuerPrivateKeyPem: UNKNOWN }),
      ["issuerPrivateKeyPem"],
      ["issuerCertPem"],
    ],
  ])("%s", async (_, issuer, update, replace) => {
    expect(await changed(certificate, leaf, await issuer())).toEqual({ update, replace });
  });
});
