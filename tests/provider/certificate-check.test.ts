import { describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties } from "../../provider/resource-type.ts";
import { keyPair } from "./keys.ts";
import { changed, created, UNKNOWN } from "./resources.ts";

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

  const EXTENSION = { oid: "1.3.6.1.5.5.7.1.24", valueBase64: "MAMCAQU=" };
  it.each<[string, unknown[]]>([
    ["emailAddresses", [[], ["alice@lab.test"], UNKNOWN, [UNKNOWN]]],
    ["uris", [[], ["spiffe://lab.test/web"], UNKNOWN, [UNKNOWN]]],
    ["crlDistributionPoints", [[], ["http://lab.test/ca.crl"], UNKNOWN, [UNKNOWN]]],
    ["caIssuers", [[], ["http://lab.test/ca.crt"], UNKNOWN, [UNKNOWN]]],
    ["ocspResponders", [[], ["http://lab.test/ocsp"], UNKNOWN, [UNKNOWN]]],
    ["extendedKeyUsages", [["OCSPSigning"], ["1.3.6.1.5.5.7.3.17"], [UNKNOWN]]],
    ["keyUsages", [["nonRepudiation", "decipherOnly"], [UNKNOWN]]],
    ["extensions", [[], [EXTENSION], [{ ...EXTENSION, critical: true }], UNKNOWN, [UNKNOWN]]],
    ["extensions", [[{ oid: UNKNOWN, valueBase64: UNKNOWN }], [{ ...EXTENSION, valueBase64: UNKNOWN }]]],
    ["nameConstraints", [{ permitted: { dnsNames: ["lab.test"] } }, { excluded: { ipRanges: ["::/0"] } }, UNKNOWN]],
    ["nameConstraints", [{ permitted: UNKNOWN }, { excluded: UNKNOWN }, { permitted: { ipRanges: UNKNOWN } }]],
    ["nameConstraints", [{ permitted: { dnsNames: [UNKNOWN], ipRanges: [UNKNOWN], emailAddresses: [UNKNOWN] } }]],
    ["notBefore", ["-5m", "+24h", "-400d", "2030-01-31T00:00:00Z", "1950-01-01T00:00:00Z", UNKNOWN]],
    ["renewedAt", ["2020-01-31T00:00:00Z", "2099-01-31T00:00:00Z", UNKNOWN]],
  ])("takes, as %s, each of %j", async (property, values) => {
    for (const value of values) expect(await problemsOf({ [property]: value })).toEqual([]);
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
      "keyUsages[1] must be one of digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, " +
        "keyCertSign, cRLSign, encipherOnly, decipherOnly, got 'sign'",
    ],
    [
      { extendedKeyUsages: ["clientAuth", "smartcard"] },
      "extendedKeyUsages[1] must be one of serverAuth, clientAuth, codeSigning, emailProtection, timeStamping, " +
        "OCSPSigning, anyExtendedKeyUsage, or an OID, got 'smartcard'",
    ],
    [
      { dnsNames: ["a.test", "b.*.test"] },
      "dnsNames[1] must be a DNS name, or one under a leading '*.', got 'b.*.test'",
    ],
    [{ dnsNames: ["127.0.0.1"] }, "dnsNames[0] must be a DNS name, or one under a leading '*.', got '127.0.0.1'"],
    [{ ipAddresses: ["lab.test"] }, "ipAddresses[0] must be an IPv4 or IPv6 address, got 'lab.test'"],
    [{ dnsNames: ["a.test", "*"] }, "dnsNames[1] must be a DNS name, or one under a leading '*.', got '*'"],
    [{ emailAddresses: ["a@lab.test", "b"] }, "emailAddresses[1] must be a mailbox like alice@lab.test, got 'b'"],
    [{ uris: ["/web"] }, "uris[0] must be an absolute URI like spiffe://lab.test/web, got '/web'"],
    [{ crlDistributionPoints: ["ca.crl"] }, "crlDistributionPoints[0] must be an absolute URI, got 'ca.crl'"],
    [{ caIssuers: ["http://a b"] }, "caIssuers[0] must be an absolute URI, got 'http://a b'"],
    [{ ocspResponders: [""] }, "ocspResponders[0] must be an absolute URI, got ''"],
    [
      { extendedKeyUsages: ["1.3..6"] },
      "extendedKeyUsages[0] must be one of serverAuth, clientAuth, codeSigning, emailProtection, timeStamping, " +
        "OCSPSigning, anyExtendedKeyUsage, or an OID, got '1.3..6'",
    ],
    [
      { extensions: [EXTENSION, { ...EXTENSION, oid: "tlsfeature" }] },
      "extensions[1].oid must be an OID like 1.3.6.1.5.5.7.1.24, got 'tlsfeature'",
    ],
    [
      { extensions: [EXTENSION, { ...EXTENSION, critical: true }] },
      "extensions[1].oid is given already by extensions[0]: a certificate has an extension once (RFC 5280, 4.2)",
    ],
    [{ extensions: [{ ...EXTENSION, valueBase64: "" }] }, "extensions[0].valueBase64 must be DER in base64"],
    [{ extensions: [{ ...EXTENSION, valueBase64: "MAM" }] }, "extensions[0].valueBase64 must be DER in base64"],
    [{ extensions: [{ ...EXTENSION, valueBase64: "30 03" }] }, "extensions[0].valueBase64 must be DER in base64"],
    ...Object.entries({
      "2.5.29.14": "the subject's key",
      "2.5.29.15": "'keyUsages'",
      "2.5.29.17": "'dnsNames', 'ipAddresses', 'emailAddresses' or 'uris'",
      "2.5.29.19": "'isCa' and 'maxPathLength'",
      "2.5.29.30": "'nameConstraints'",
      "2.5.29.31": "'crlDistributionPoints'",
      "2.5.29.35": "the issuer",
      "2.5.29.37": "'extendedKeyUsages'",
      "1.3.6.1.5.5.7.1.1": "'caIssuers' or 'ocspResponders'",
    }).map(([oid, other]): [Properties, string] => [
      { extensions: [{ ...EXTENSION, oid }] },
      `extensions[0].oid must not be ${oid}, which ${other} decides`,
    ]),
    [
      { isCa: false, nameConstraints: { permitted: { dnsNames: ["lab.test"] } } },
      "nameConstraints is only allowed with isCa (RFC 5280, 4.2.1.10)",
    ],
    [
      { nameConstraints: { permitted: { dnsNames: [UNKNOWN, "*.lab.test"] } } },
      "nameConstraints.permitted.dnsNames[1] must be a DNS name without a wildcard, got '*.lab.test'",
    ],
    [
      { nameConstraints: { excluded: { ipRanges: [UNKNOWN, "192.0.2.1"] } } },
      "nameConstraints.excluded.ipRanges[1] must be a network like 192.0.2.0/24, got '192.0.2.1'",
    ],
    [
      { nameConstraints: {} },
      "nameConstraints.permitted or 'excluded' must have an entry (RFC 5280, 4.2.1.10): " +
        "leave nameConstraints out for no limit",
    ],
    [
      { notBefore: "tomorrow" },
      "notBefore must be a moment like 2030-01-31T00:00:00Z, or a span from now like -5m, +24h or -400d, got 'tomorrow'",
    ],
    [
      { notBefore: "2030-02-30T00:00:00Z" },
      "notBefore must be a moment like 2030-01-31T00:00:00Z, or a span from now like -5m, +24h or -400d, " +
        "got '2030-02-30T00:00:00Z'",
    ],
    [{ notBefore: "1949-12-31T23:59:59Z" }, "notBefore must be in the years 1950 to 9899, got '1949-12-31T23:59:59Z'"],
    [{ notBefore: "9900-01-01T00:00:00Z" }, "notBefore must be in the years 1950 to 9899, got '9900-01-01T00:00:00Z'"],
    [{ notBefore: "-999999d" }, "notBefore must be in the years 1950 to 9899, got '-999999d'"],
    [{ renewedAt: "-5m" }, "renewedAt must be a moment like 2030-01-31T00:00:00Z, got '-5m'"],
    [
      { renewedAt: "2030-02-30T00:00:00Z" },
      "renewedAt must be a moment like 2030-01-31T00:00:00Z, got '2030-02-30T00:00:00Z'",
    ],
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

  it("takes a lifetime that its issuer has not left: the certificate ends with it", async () => {
    const { outputs } = await created(certificate, ROOT);
    const below = { ...ROOT, issuerCertPem: outputs.certPem, subject: { commonName: "CA" }, validityPeriodHours: 25 };

    expect((await created(certificate, below)).outputs.notAfter).toBe(outputs.notAfter);
  });

  it("names every problem at once", async () => {
    const inputs = {
      subject: { commonName: "", country: "x" },
      keyUsages: ["x"],
      dnsNames: ["", "ok.test", "-"],
      ipAddresses: ["x"],
      emailAddresses: ["x"],
      uris: ["x"],
      nameConstraints: { permitted: { dnsNames: ["*"] }, excluded: { ipRanges: ["x"] } },
      extensions: [{ oid: "x", valueBase64: "x" }],
      validityPeriodHours: -1,
      notBefore: "x",
      renewedAt: "x",
    };
    const { problems } = await certificate.check({ ...ROOT, ...inputs });

    expect(problems.map(({ property }) => property)).toEqual([
      "subject.commonName",
      "subject.country",
      "keyUsages[0]",
      "dnsNames[0]",
      "dnsNames[2]",
      "ipAddresses[0]",
      "emailAddresses[0]",
      "uris[0]",
      "nameConstraints.permitted.dnsNames[0]",
      "nameConstraints.excluded.ipRanges[0]",
      "extensions[0].oid",
      "extensions[0].valueBase64",
      "validityPeriodHours",
      "earlyRenewalHours",
      "notBefore",
      "renewedAt",
    ]);
  });

  it("sorts the names, and writes each once and in one way", async () => {
    const names = {
      dnsNames: ["b.test", "a.test", "b.test"],
      ipAddresses: ["192.0.2.1", "::FFFF:1.2.3.4", "0::1", "::1"],
      emailAddresses: ["b@lab.test", "a@lab.test", "b@lab.test"],
      uris: ["urn:b:1", "urn:a:1", "urn:b:1"],
    };

    expect((await certificate.check({ ...ROOT, ...names })).inputs).toEqual({
      ...ROOT,
      notBefore: "-5m",
      dnsNames: ["a.test", "b.test"],
      ipAddresses: ["192.0.2.1", "::1", "::ffff:102:304"],
      emailAddresses: ["a@lab.test", "b@lab.test"],
      uris: ["urn:a:1", "urn:b:1"],
    });
  });

  it("writes usages in one order, and moments in one way", async () => {
    const usages = { keyUsages: ["cRLSign", "keyCertSign", "cRLSign"], extendedKeyUsages: ["1.2.3", "clientAuth"] };
    const moments = { notBefore: "2030-01-31T00:00:00.000Z", renewedAt: "2030-01-31T00:00:00.000Z" };

    expect((await certificate.check({ ...ROOT, ...usages, ...moments })).inputs).toEqual({
      ...ROOT,
      extendedKeyUsages: ["clientAuth", "1.2.3"],
      notBefore: "2030-01-31T00:00:00Z",
      renewedAt: "2030-01-31T00:00:00Z",
    });
    expect((await certificate.check({ ...ROOT, keyUsages: UNKNOWN, extendedKeyUsages: [UNKNOWN] })).inputs).toEqual({
      ...ROOT,
      keyUsages: UNKNOWN,
      extendedKeyUsages: [UNKNOWN],
      notBefore: "-5m",
    });
  });

  it("is not replaced for the order of usages, or for thousandths of a second", async () => {
    const begun = { ...ROOT, notBefore: "2020-01-31T00:00:00Z", extendedKeyUsages: ["serverAuth", "clientAuth"] };
    const resource = await created(certificate, begun);
    // As a version before had it on record.
    const old = { ...resource, inputs: { ...resource.inputs, extendedKeyUsages: ["clientAuth", "serverAuth"] } };
    const same = { keyUsages: ["cRLSign", "keyCertSign"], notBefore: "2020-01-31T00:00:00.000Z" };

    expect(await changed(certificate, old, same)).toEqual({ update: [], replace: [] });
  });

  it.each([
    ...["subject", "publicKeyPem", "isCa", "keyUsages", "extendedKeyUsages", "dnsNames", "ipAddresses"],
    ...["validityPeriodHours", "earlyRenewalHours"],
  ])("says that %s is required", async (property) => {
    expect(await problemsOf({ [property]: undefined })).toEqual([`${property} is missing: it is required`]);
  });

  it("says that a common name is required", async () => {
    expect(await problemsOf({ subject: { country: "CN" } })).toEqual(["subject.commonName is missing: it is required"]);
  });

  it("leaves out what says nothing, and says when the certificate begins", async () => {
    const empty = { emailAddresses: [], uris: [], crlDistributionPoints: [], caIssuers: [], ocspResponders: [] };

    expect((await certificate.check({ ...ROOT, ...empty, extensions: [] })).inputs).toEqual({
      ...ROOT,
      notBefore: "-5m",
    });
    expect((await certificate.check({ ...ROOT, notBefore: "+24h" })).inputs).toEqual({ ...ROOT, notBefore: "+24h" });
    const names = { dnsNames: UNKNOWN, ipAddresses: [UNKNOWN], emailAddresses: UNKNOWN };
    expect((await certificate.check({ ...ROOT, ...names })).inputs).toEqual({ ...ROOT, notBefore: "-5m", ...names });
  });
});
