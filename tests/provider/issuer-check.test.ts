import { createPrivateKey } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties } from "../../provider/resource-type.ts";
import type { NameConstraints } from "../../rules/name-constraints.ts";
import { openssl } from "../openssl.ts";
import { type Identity, identity, type IdentityRequest } from "../test-pki.ts";
import { keyPair } from "./keys.ts";
import { UNKNOWN } from "./resources.ts";

const { publicKeyPem, privateKeyPem } = keyPair();

/** A CA that lives for 72 hours, of which 24 are over. */
function ca(request: Partial<IdentityRequest> = {}): Promise<Identity> {
  const usages: Partial<IdentityRequest> = { keyUsages: ["keyCertSign", "cRLSign"], extendedKeyUsages: [] };
  return identity({ subject: { commonName: "CA" }, isCa: true, toDay: 2, ...usages, ...request });
}

/** The inputs of a server's certificate below an issuer. */
function below(issuer: Omit<Identity, "chainPem">, changes: Properties = {}): Properties {
  return {
    subject: { commonName: "web" },
    publicKeyPem,
    issuerCertPem: issuer.certPem,
    issuerPrivateKeyPem: issuer.privateKeyPem,
    isCa: false,
    keyUsages: ["digitalSignature"],
    extendedKeyUsages: ["serverAuth"],
    dnsNames: [],
    ipAddresses: [],
    notBefore: "-5m",
    validityPeriodHours: 24,
    earlyRenewalHours: 8,
    ...changes,
  };
}

/** What of an issuer stands in the way of a certificate that had other inputs before, as `property reason`. */
async function problemsOf(inputs: Properties): Promise<string[]> {
  const { problems } = await certificate.check(inputs, {});
  return problems.map(({ property, reason }) => `${property} ${reason}`);
}

let issuer: Identity;
beforeAll(async () => {
  issuer = await ca();
});

describe("an issuer", () => {
  it("that is a CA with this key stands in nobody's way", async () => {
    expect(await problemsOf(below(issuer))).toEqual([]);
  });

  it("may say nothing of what its key is for", async () => {
    const [key, certPem] = ofOpenssl("basicConstraints=critical,CA:TRUE");

    expect(await problemsOf(below({ certPem, privateKeyPem: key }))).toEqual([]);
  });

  it("is not asked for by a certificate that signs itself", async () => {
    expect(await problemsOf(below(issuer, { issuerCertPem: undefined, isCa: true }))).toEqual([]);
  });

  it("must be readable", async () => {
    expect(await problemsOf(below(issuer, { issuerCertPem: "ca.pem" }))).toEqual([
      'issuerCertPem must be PEM with the label CERTIFICATE, got "ca.pem"',
    ]);
    expect(await problemsOf(below(issuer, { issuerCertPem: issuer.certPem.slice(0, 300) }))).toEqual([
      "issuerCertPem must be a certificate, got one that cannot be parsed: it may be cut short",
    ]);
  });

  it.each<[Partial<IdentityRequest>, string]>([
    [
      { isCa: false, keyUsages: ["digitalSignature"] },
      "issuerCertPem must be of a CA, got 'CN=CA' without basicConstraints CA:TRUE",
    ],
    [{ keyUsages: ["cRLSign"] }, "issuerCertPem must be of a CA, got 'CN=CA' without keyUsage keyCertSign"],
    [
      { keyUsages: ["cRLSign"], subject: { organization: "Acme", commonName: "CA, 2" } },
      "issuerCertPem must be of a CA, got 'O=Acme, CN=CA\\, 2' without keyUsage keyCertSign",
    ],
  ])("with %j cannot sign", async (request, problem) => {
    expect(await problemsOf(below(await ca(request)))).toEqual([problem]);
  });
});

describe("an issuer's key", () => {
  it("may be kept elsewhere, or known to the update only", async () => {
    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: undefined }))).toEqual([]);
    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: UNKNOWN }))).toEqual([]);
  });

  it("may be in SEC 1", async () => {
    const sec1 = createPrivateKey(issuer.privateKeyPem).export({ type: "sec1", format: "pem" });

    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: sec1 }))).toEqual([]);
  });

  it("must be the issuer's", async () => {
    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: privateKeyPem }))).toEqual([
      "issuerPrivateKeyPem must be the key of 'CN=CA', got another one",
    ]);
  });

  it.each<[string, () => string]>([
    ["nothing", () => ""],
    ["some text", () => "hunter2"],
    ["a certificate", () => issuer.certPem],
    ["a public key", () => publicKeyPem],
    ["a key that is cut short", () => issuer.privateKeyPem.slice(0, 100)],
  ])("must be one, and is not shown: %s", async (_, key) => {
    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: key() }))).toEqual([
      "issuerPrivateKeyPem must be a private key in PEM without a passphrase (PKCS#8, PKCS#1 or SEC 1)",
    ]);
  });

  it("must have no passphrase; the command that takes it off is said", async () => {
    const encryption = { cipher: "aes-256-cbc", passphrase: "x" };
    const key = createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "pem", ...encryption });

    expect(await problemsOf(below(issuer, { issuerPrivateKeyPem: key }))).toEqual([
      "issuerPrivateKeyPem must be a key without a passphrase: decrypt it with `openssl pkey -in ca.key -out ca-plain.key`",
    ]);
  });
});

describe("an issuer's lifetime", () => {
  it.each([24, 72, 1000])(
    "of 72 hours, of which 48 are left, is no limit to the %d that are asked for",
    async (hours) => {
      expect(await problemsOf(below(issuer, { validityPeriodHours: hours }))).toEqual([]);
    },
  );

  it("that is over has room only for what is over too", async () => {
    const ended = await ca({ fromDay: -9, toDay: -1 });
    const [, end] = openssl(["x509", "-noout", "-enddate", "-dateopt", "iso_8601"], ended.certPem).trim().split("=");
    const sentence = `issuerCertPem has ended ${end!.replace(" ", "T").replace("Z", ".000Z")}: renew the issuer first`;

    expect(await problemsOf(below(ended))).toEqual([sentence]);
    expect(await problemsOf(below(ended, { notBefore: "-23h" }))).toEqual([sentence]);
    expect(await problemsOf(below(ended, { notBefore: "+1h" }))).toEqual([sentence]);
    expect(await problemsOf(below(ended, { notBefore: "-3d" }))).toEqual([]);
    expect(await problemsOf(below(ended, { notBefore: "2020-01-01T00:00:00Z" }))).toEqual([]);
  });

  it("is not held against what is not yet known", async () => {
    expect(await problemsOf(below(issuer, { validityPeriodHours: UNKNOWN }))).toEqual([]);
    expect(await problemsOf(below(issuer, { notBefore: UNKNOWN, validityPeriodHours: 24 }))).toEqual([]);
    expect(await problemsOf(below(issuer, { issuerCertPem: UNKNOWN }))).toEqual([]);
  });
});

describe("an issuer's path length", () => {
  const NO_CA = "isCa must be false: the issuer's maxPathLength is 0, it may sign no further CA";

  it.each<[number | undefined, Properties, string[]]>([
    [undefined, { isCa: true }, []],
    [undefined, { isCa: true, maxPathLength: 7 }, []],
    [0, { isCa: false }, []],
    [0, { isCa: UNKNOWN }, []],
    [0, { isCa: true, maxPathLength: 0 }, [NO_CA]],
    [0, { isCa: true }, [NO_CA]],
    [1, { isCa: true, maxPathLength: 0 }, []],
    [1, { isCa: true, maxPathLength: UNKNOWN }, []],
    [1, { isCa: true, maxPathLength: 1 }, ["maxPathLength must be less than the issuer's 1, got 1"]],
    [1, { isCa: true, maxPathLength: 5 }, ["maxPathLength must be less than the issuer's 1, got 5"]],
    [1, { isCa: true }, ["maxPathLength must be less than the issuer's 1, got no limit"]],
  ])("of %s below which is %j: %j", async (maxPathLength, child, problems) => {
    expect(await problemsOf(below(await ca({ maxPathLength }), child))).toEqual(problems);
  });
});

describe("an issuer's name constraints", () => {
  const DOMAIN: NameConstraints = { permitted: { dnsNames: ["lab.test"] } };
  const ADDRESSES: NameConstraints = {
    permitted: { ipRanges: ["192.0.2.0/24", "2001:db8::/32"] },
    excluded: { ipRanges: ["192.0.2.0/28"] },
  };
  const MAILBOXES: NameConstraints = { excluded: { emailAddresses: ["evil.test"] } };
  const forbids = (property: string, name: string) =>
    `${property} has '${name}', which the issuer's name constraints forbid: choose another, or another issuer`;

  it.each<[NameConstraints, Properties, string[]]>([
    [DOMAIN, { dnsNames: ["lab.test", "*.lab.test"] }, []],
    [DOMAIN, { dnsNames: ["lab.test", "evil.test"] }, [forbids("dnsNames", "evil.test")]],
    [DOMAIN, { subject: { commonName: "web.evil.test" } }, [forbids("subject.commonName", "web.evil.test")]],
    [DOMAIN, { subject: { commonName: "web.evil.test" }, dnsNames: ["lab.test"] }, []],
    [DOMAIN, { subject: { commonName: "web.lab.test" } }, []],
    [DOMAIN, { isCa: true, subject: { commonName: "evil.test" } }, []], // its own name is not bound
    [ADDRESSES, { ipAddresses: ["192.0.2.16", "2001:db8::1"] }, []],
    [ADDRESSES, { ipAddresses: ["192.0.2.1"] }, [forbids("ipAddresses", "192.0.2.1")]],
    [ADDRESSES, { ipAddresses: ["192.0.2.16", "2001:db9::1"] }, [forbids("ipAddresses", "2001:db9::1")]],
    [MAILBOXES, { emailAddresses: ["a@lab.test"] }, []],
    [MAILBOXES, { emailAddresses: ["a@lab.test", "a@evil.test"] }, [forbids("emailAddresses", "a@evil.test")]],
    [MAILBOXES, {}, []],
    // What only the update will know is no problem before it.
    [DOMAIN, { dnsNames: UNKNOWN }, []],
    [DOMAIN, { dnsNames: [UNKNOWN], subject: { commonName: "web.evil.test" } }, []],
    [DOMAIN, { dnsNames: [UNKNOWN, "evil.test"] }, [forbids("dnsNames", "evil.test")]],
    [DOMAIN, { subject: UNKNOWN }, []],
    [DOMAIN, { subject: { commonName: UNKNOWN } }, []],
    [ADDRESSES, { ipAddresses: UNKNOWN }, []],
    [ADDRESSES, { ipAddresses: [UNKNOWN] }, []],
    [{ permitted: { emailAddresses: ["lab.test"] } }, { emailAddresses: [UNKNOWN] }, []],
    [{ permitted: { emailAddresses: ["lab.test"] } }, { emailAddresses: UNKNOWN }, []],
  ])("%j, of a certificate with %j: %j", async (nameConstraints, names, problems) => {
    expect(await problemsOf(below(await ca({ nameConstraints }), names))).toEqual(problems);
  });

  it("are read from a certificate of OpenSSL's as well", async () => {
    const constraints = "permitted;DNS:.lab.test,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:evil.test";
    const extension = `nameConstraints=critical,${constraints}`;
    const [key, certPem] = ofOpenssl("basicConstraints=critical,CA:TRUE", extension);
    const foreign = { certPem, privateKeyPem: key };

    const right = { dnsNames: ["web.lab.test"], ipAddresses: ["192.0.2.1"], emailAddresses: ["a@lab.test"] };
    expect(await problemsOf(below(foreign, right))).toEqual([]);
    expect(await problemsOf(below(foreign, { ...right, dnsNames: ["lab.test"] }))).toEqual([
      forbids("dnsNames", "lab.test"),
    ]);
    expect(await problemsOf(below(foreign, { ...right, ipAddresses: ["192.0.3.1"] }))).toEqual([
      forbids("ipAddresses", "192.0.3.1"),
    ]);
    expect(await problemsOf(below(foreign, { ...right, emailAddresses: ["a@evil.test"] }))).toEqual([
      forbids("emailAddresses", "a@evil.test"),
    ]);
  });
});

describe("the check of a certificate", () => {
  it("names every problem with its issuer at once", async () => {
    const constraints = { maxPathLength: 0, nameConstraints: { permitted: { dnsNames: ["lab.test"] } } };
    const narrow = await ca({ ...constraints, fromDay: -9, toDay: -1 });
    const inputs = { dnsNames: ["evil.test"], issuerPrivateKeyPem: privateKeyPem };
    const properties = async (changes: Properties) =>
      (await certificate.check(below(narrow, { ...inputs, ...changes }))).problems.map(({ property }) => property);

    expect(await properties({})).toEqual(["issuerPrivateKeyPem", "issuerCertPem", "dnsNames"]);
    expect(await properties({ isCa: true })).toEqual(["issuerPrivateKeyPem", "issuerCertPem", "isCa"]);
  });

  it("asks about the issuer when something changed, and not again when nothing did", async () => {
    const wrong = below(issuer, { subject: { commonName: "CA" } });
    const { inputs, problems } = await certificate.check(wrong);

    expect(problems.map(({ property }) => property)).toEqual(["subject"]);
    expect((await certificate.check(wrong, inputs)).problems).toEqual([]);
    expect((await certificate.check({ ...wrong, dnsNames: ["lab.test"] }, inputs)).problems).toEqual(problems);
  });
});

/** A key and a CA's certificate with these extensions, as OpenSSL makes them. */
function ofOpenssl(...extensions: string[]): [privateKeyPem: string, certPem: string] {
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-"];
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  const made = openssl(["req", "-x509", "-days", "30", ...newKey, "-subj", "/CN=ca", ...added]);
  return made.split(/(?=-----BEGIN CERT)/) as [string, string];
}
