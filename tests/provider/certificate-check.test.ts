import { describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties } from "../../provider/resource-type.ts";
import { keyPair } from "./keys.ts";
import { created, UNKNOWN } from "./resources.ts";

const { publicKeyPem, privateKeyPem } = keyPair();
const ROOT: Properties = {
  subject: { commonName: "Root" },
  publicKeyPem,
  issuerPrivateKeyPem: privateKeyPem,
  isCa: true,
  keyUsages: ["keyCertSign", "cRLSign"],
  extendedKeyUsages: [],
  dnsNames: [],
  ipAddresses: [],
  validityPeriodHours: 24,
  earlyRenewalHours: 8,
};

/** The problems of these inputs as `property reason`. */
async function problemsOf(inputs: Properties): Promise<string[]> {
  const { problems } = await certificate.check({ ...ROOT, ...inputs });
  return problems.map(({ property, reason }) => `${property} ${reason}`);
}

describe("the check of a certificate's inputs", () => {
  it("finds nothing wrong in what is right, or not yet known", async () => {
    expect(await problemsOf({})).toEqual([]);
    expect(await problemsOf({ maxPathLength: 0 })).toEqual([]);
    expect(await problemsOf(Object.fromEntries(Object.keys(ROOT).map((key) => [key, UNKNOWN])))).toEqual([]);
    expect(await problemsOf({ issuerCertPem: UNKNOWN, maxPathLength: UNKNOWN, dnsNames: [UNKNOWN] })).toEqual([]);
    expect(await problemsOf({ subject: { commonName: UNKNOWN, country: UNKNOWN } })).toEqual([]);
  });

  it.each<[Properties, string]>([
    [{ subject: { commonName: "" } }, "subject.commonName must have 1 to 64 characters, got ''"],
    [
      { subject: { commonName: "a".repeat(65) } },
      `subject.commonName must have 1 to 64 characters, got '${"a".repeat(65)}'`,
    ],
    [
      { subject: { commonName: "a", country: "China" } },
      "subject.country must be two capital letters (ISO 3166), got 'China'",
    ],
    [{ isCa: false, maxPathLength: 0 }, "maxPathLength is only allowed with isCa (RFC 5280, 4.2.1.9)"],
    [{ maxPathLength: -1 }, "maxPathLength must be a whole number of at least 0, got -1"],
    [{ maxPathLength: 0.5 }, "maxPathLength must be a whole number of at least 0, got 0.5"],
    [{ keyUsages: [] }, "keyUsages must name at least one usage (RFC 5280, 4.2.1.3)"],
    [
      { keyUsages: ["cRLSign", "sign"] },
      "keyUsages[1] must be one of digitalSignature, keyEncipherment, keyCertSign, cRLSign, got 'sign'",
    ],
    [
      { extendedKeyUsages: ["codeSigning"] },
      "extendedKeyUsages[0] must be one of serverAuth, clientAuth, got 'codeSigning'",
    ],
    [
      { dnsNames: ["a.test", "b.*.test"] },
      "dnsNames[1] must be a DNS name, or one under a leading '*.', got 'b.*.test'",
    ],
    [{ dnsNames: ["127.0.0.1"] }, "dnsNames[0] must be a DNS name, or one under a leading '*.', got '127.0.0.1'"],
    [{ ipAddresses: ["lab.test"] }, "ipAddresses[0] must be an IPv4 or IPv6 address, got 'lab.test'"],
    [
      { validityPeriodHours: 876_001 },
      "validityPeriodHours must be more than 0 and at most 876000 (100 years), got 876001",
    ],
    [
      { earlyRenewalHours: 24 },
      "earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (24), got 24",
    ],
    [
      { earlyRenewalHours: -1 },
      "earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (24), got -1",
    ],
  ])("refuses %j", async (inputs, problem) => {
    expect(await problemsOf(inputs)).toEqual([problem]);
  });

  it("refuses a lifetime of 0", async () => {
    expect(await problemsOf({ validityPeriodHours: 0, earlyRenewalHours: 0 })).toEqual([
      "validityPeriodHours must be more than 0 and at most 876000 (100 years), got 0",
      "earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (0), got 0",
    ]);
  });

  it.each([24, 25])("refuses %i hours below an issuer that has 24", async (hours) => {
    const { outputs } = await created(certificate, ROOT);

    expect(await problemsOf({ issuerCertPem: outputs.certPem, validityPeriodHours: hours })).toEqual([
      `validityPeriodHours must be less than the issuer's 24, got ${hours}: lower it, or raise the issuer's`,
    ]);
    expect(await problemsOf({ issuerCertPem: outputs.certPem, validityPeriodHours: 23 })).toEqual([]);
  });

  it("names every problem at once", async () => {
    const inputs = {
      subject: { commonName: "", country: "x" },
      keyUsages: ["x"],
      dnsNames: ["", "ok.test", "-"],
      ipAddresses: ["x"],
      validityPeriodHours: -1,
    };
    const { problems } = await certificate.check({ ...ROOT, ...inputs });

    expect(problems.map(({ property }) => property)).toEqual([
      "subject.commonName",
      "subject.country",
      "keyUsages[0]",
      "dnsNames[0]",
      "dnsNames[2]",
      "ipAddresses[0]",
      "validityPeriodHours",
      "earlyRenewalHours",
    ]);
  });

  it("sorts the names, and writes each once and in one way", async () => {
    const names = {
      dnsNames: ["b.test", "a.test", "b.test"],
      ipAddresses: ["192.0.2.1", "::FFFF:1.2.3.4", "0::1", "::1"],
    };

    expect((await certificate.check({ ...ROOT, ...names })).inputs).toEqual({
      ...ROOT,
      dnsNames: ["a.test", "b.test"],
      ipAddresses: ["192.0.2.1", "::1", "::ffff:102:304"],
    });
  });
});
