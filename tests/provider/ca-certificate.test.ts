import { createPrivateKey, X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { caCertificate } from "../../provider/ca-certificate.ts";
import type { Properties } from "../../provider/resource-type.ts";
import { issueCrl } from "../../provider/x509/crl.ts";
import { issue } from "../../provider/x509/issue.ts";
import { openssl } from "../openssl.ts";
import { identity, type Identity, type IdentityRequest } from "../test-pki.ts";
import { keyPair } from "./keys.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

const CA = { isCa: true, keyUsages: ["keyCertSign" as const, "cRLSign" as const], extendedKeyUsages: [], toDay: 2 };

/** A CA of this name. */
const ca = (commonName: string, issuer?: Identity, request: Partial<IdentityRequest> = {}) =>
  identity({ ...CA, subject: { commonName }, ...request }, issuer);

let root: Identity;
let upper: Identity;
let lower: Identity;
let foreign: Identity;

beforeAll(async () => {
  root = await ca("Root");
  upper = await ca("Upper", root);
  lower = await ca("Lower", upper);
  foreign = await ca("Root");
});

/** A revocation list that a CA has signed so many hours ago, for so many hours. */
function listOf(signer: Identity, hoursAgo = 1, hours = 24): Promise<string> {
  const thisUpdate = new Date(Math.floor(Date.now() / 1000) * 1000 - hoursAgo * 3_600_000);
  const nextUpdate = new Date(thisUpdate.getTime() + hours * 3_600_000);
  return issueCrl({ number: 1, thisUpdate, nextUpdate, entries: [] }, signer);
}

/** The problems of these inputs as `property reason`. */
async function problemsOf(inputs: Properties): Promise<string[]> {
  const { problems } = await caCertificate.check(inputs);
  return problems.map(({ property, reason }) => `${property} ${reason}`);
}

/** A key in another form, as openssl writes it. */
const rewritten = (key: string, ...args: string[]) => openssl(["pkey", ...args], key);

const end = (pem: string) => new Date(new X509Certificate(pem).validTo).toISOString();
const start = (pem: string) => new Date(new X509Certificate(pem).validFrom).toISOString();

describe("a CA that was made elsewhere", () => {
  it.each<[string, () => Properties | Promise<Properties>]>([
    ["a root alone", () => ({ certPem: root.certPem })],
    ["a root and its key", () => ({ certPem: root.certPem, privateKeyPem: root.privateKeyPem })],
    [
      "a key as SEC 1 has it",
      () => ({ certPem: root.certPem, privateKeyPem: rewritten(root.privateKeyPem, "-traditional") }),
    ],
    ["the CAs above, in order", () => ({ certPem: lower.certPem, chainPem: upper.certPem + root.certPem })],
    ["its revocation list", async () => ({ certPem: root.certPem, crlPem: await listOf(root) })],
    ["what is not known yet", () => ({ certPem: UNKNOWN, privateKeyPem: UNKNOWN, chainPem: UNKNOWN, crlPem: UNKNOWN })],
    ["a chain that is not known yet", () => ({ certPem: lower.certPem, privateKeyPem: UNKNOWN, chainPem: UNKNOWN })],
  ])("is taken with %s", async (_, inputs) => {
    expect(await problemsOf(await inputs())).toEqual([]);
  });

  it("is described in OpenSSL's words, and its certificate passed on without the text around it", async () => {
    const text = openssl(["x509", "-text"], upper.certPem);
    expect(text).not.toBe(upper.certPem);
    const { inputs, outputs, id } = await created(caCertificate, { certPem: text, chainPem: root.certPem });

    expect(inputs).toEqual({ certPem: upper.certPem, chainPem: root.certPem });
    expect(outputs).toEqual({
      certPem: upper.certPem,
      subject: "CN=Upper",
      serialNumber: openssl(["x509", "-noout", "-serial"], upper.certPem).trim().replace("serial=", ""),
      notBefore: start(upper.certPem),
      notAfter: end(upper.certPem),
      fingerprintSha256: new X509Certificate(upper.certPem).fingerprint256,
    });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("passes its revocation list on, and tells when that lapses", async () => {
    const crlPem = await listOf(root, 1, 24);
    const { outputs } = await created(caCertificate, { certPem: root.certPem, crlPem: `a list\n${crlPem}` });

    const [, nextUpdate] = /nextUpdate=(.*)/.exec(openssl(["crl", "-noout", "-nextupdate"], crlPem)) ?? [];
    expect(outputs).toMatchObject({ crlPem, crlNextUpdate: new Date(nextUpdate!).toISOString() });
  });

  it("is known before an update as far as its texts are", async () => {
    const { outputs, inputs } = await created(caCertificate, { certPem: root.certPem });

    expect(await caCertificate.previewCreate!(inputs)).toEqual(outputs);
    expect(await caCertificate.previewCreate!({ certPem: UNKNOWN })).toEqual({});
    expect(await caCertificate.previewCreate!({ certPem: root.certPem, crlPem: UNKNOWN })).toEqual({});
  });
});

describe("an update of a CA that was made elsewhere", () => {
  it("takes its key in or away, and a renewed certificate of it, in place", async () => {
    const resource = await created(caCertificate, { certPem: root.certPem });
    const publicKeyPem = openssl(["pkey", "-pubout"], root.privateKeyPem);
    const request = { ...CA, subject: { commonName: "Root" }, dnsNames: [], ipAddresses: [], publicKeyPem };
    const validity = { notBefore: new Date(2020, 0), notAfter: new Date(2099, 0) };
    const certPem = await issue(request, { privateKeyPem: root.privateKeyPem }, validity);

    expect(await changed(caCertificate, resource, { privateKeyPem: root.privateKeyPem })).toEqual({
      update: ["privateKeyPem"],
      replace: [],
    });
    expect(await changed(caCertificate, resource, { certPem })).toEqual({ update: ["certPem"], replace: [] });
    expect((await updated(caCertificate, resource, { certPem })).outputs.certPem).toBe(certPem);
  });

  it("replaces it by another CA, also one of the same name", async () => {
    const resource = await created(caCertificate, { certPem: root.certPem });

    for (const other of [await ca("Other"), foreign]) {
      expect(await changed(caCertificate, resource, { certPem: other.certPem })).toEqual({
        update: [],
        replace: ["certPem"],
      });
    }
  });
});

const LABEL = "must be PEM with the label";
const CUT = "it may be cut short";

describe("the check of a CA that was made elsewhere", () => {
  it.each<[string, (pem: string) => string, string]>([
    ["nothing", () => "", `${LABEL} CERTIFICATE, got ""`],
    ["other text", () => "rootCA.pem\n", `${LABEL} CERTIFICATE, got "rootCA.pem\\n"`],
    ["a key", () => root.privateKeyPem, `${LABEL} CERTIFICATE, got PRIVATE KEY`],
    ["a request", () => "-----BEGIN CERTIFICATE REQUEST-----\n", `${LABEL} CERTIFICATE, got CERTIFICATE REQUEST`],
    [
      "DER",
      (pem) => new X509Certificate(pem).raw.toString("utf8"),
      "must be PEM, got DER: convert it with `openssl x509 -inform DER`",
    ],
    [
      "Windows' line ends",
      (pem) => pem.replaceAll("\n", "\r\n"),
      "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix",
    ],
    ["a byte order mark", (pem) => `\ufeff${pem}`, "must be PEM, got a byte order mark before it: save it without BOM"],
    ["half of it", (pem) => pem.slice(0, 300), `must be a certificate, got one that cannot be parsed: ${CUT}`],
    [
      "a piece missing",
      (pem) => pem.replace(/\n.+\n/, "\n"),
      `must be a certificate, got one that cannot be parsed: ${CUT}`,
    ],
    [
      "two of them",
      (pem) => pem + pem,
      "must be the certificate of one CA, got 2: give the CAs above it by themselves",
    ],
  ])("says of a certificate that is %s what it is", async (_, damage, reason) => {
    expect(await problemsOf({ certPem: damage(root.certPem) })).toEqual([`certPem ${reason}`]);
  });

  it("refuses a key in the file of the certificate, or of those above, and shows nothing of it", async () => {
    const reason = "must be a certificate alone, got a private key with it: take the key out, and give it by itself";
    for (const pem of [
      root.privateKeyPem + root.certPem,
      root.certPem + rewritten(root.privateKeyPem, "-traditional"),
    ]) {
      expect(await problemsOf({ certPem: pem })).toEqual([`certPem ${reason}`]);
      expect(await problemsOf({ certPem: upper.certPem, chainPem: pem })).toEqual([`chainPem ${reason}`]);
    }
  });

  it("takes a certificate with something else before it", async () => {
    expect(await problemsOf({ certPem: (await listOf(root)) + root.certPem })).toEqual([]);
  });

  it("refuses one without a subject", async () => {
    const { certPem } = await ca("X", undefined, { subject: {} as IdentityRequest["subject"] });

    expect(await problemsOf({ certPem })).toEqual([
      "certPem must have a subject: a CA needs one (RFC 5280, 4.1.2.6); have it issued anew with a name",
    ]);
  });

  it("refuses an RSA key below 2048 bits, also of a CA above", async () => {
    const args = ["req", "-x509", "-nodes", "-newkey", "rsa:1024", "-keyout", "-", "-subj", "/CN=Short"];
    const pair = openssl([...args, "-addext", "keyUsage=keyCertSign"]);
    const short = { certPem: openssl(["x509"], pair), privateKeyPem: openssl(["pkey"], pair), chainPem: "" };
    const reason = "must have an RSA key of at least 2048 bits, got 'CN=Short' with 1024: make the CA anew";
    const { certPem } = await ca("X", short);

    expect(await problemsOf({ certPem: short.certPem })).toEqual([`certPem ${reason}`]);
    expect(await problemsOf({ certPem, chainPem: short.certPem })).toEqual([`chainPem ${reason}`]);
    const long = await ca("Long", undefined, { keyAlgorithm: "RSA-2048" });
    expect(await problemsOf({ certPem: long.certPem })).toEqual([]);
  });

  it.each<[string, Partial<IdentityRequest>, (pem: string) => string]>([
    ["no CA", { isCa: false }, () => "of a CA, got 'CN=X' without basicConstraints CA:TRUE"],
    ["not for signing", { keyUsages: ["cRLSign"] }, () => "of a CA, got 'CN=X' without keyUsage keyCertSign"],
    ["over", { fromDay: -9, toDay: -1 }, (pem) => `valid now, got 'CN=X', which has ended ${end(pem)}`],
    ["yet to begin", { fromDay: 1 }, (pem) => `valid now, got 'CN=X', which begins ${start(pem)}`],
  ])("refuses one that is %s", async (_, request, reason) => {
    const { certPem } = await ca("X", undefined, request);

    expect(await problemsOf({ certPem })).toEqual([`certPem must be ${reason(certPem)}`]);
  });

  it.each<[string, () => string, string]>([
    ["another's", () => upper.privateKeyPem, "must be the key of 'CN=Root', got another one"],
    [
      "encrypted",
      () => rewritten(root.privateKeyPem, "-aes256", "-passout", "pass:x"),
      "must be a key without a passphrase: decrypt it with `openssl pkey -in ca.key -out ca-plain.key`",
    ],
    [
      "encrypted in the older way",
      () => openssl(["ec", "-aes256", "-passout", "pass:x"], root.privateKeyPem),
      "must be a key without a passphrase: decrypt it with `openssl pkey -in ca.key -out ca-plain.key`",
    ],
    [
      "DER",
      () => createPrivateKey(root.privateKeyPem).export({ type: "pkcs8", format: "der" }).toString("utf8"),
      "must be PEM, got DER: convert it with `openssl pkey -inform DER`",
    ],
    [
      "written by Windows",
      () => root.privateKeyPem.replaceAll("\n", "\r\n"),
      "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix",
    ],
    [
      "cut short",
      () => root.privateKeyPem.slice(0, 100),
      "must be a private key in PEM without a passphrase (PKCS#8, PKCS#1 or SEC 1)",
    ],
    [
      "a certificate",
      () => root.certPem,
      "must be a private key in PEM without a passphrase (PKCS#8, PKCS#1 or SEC 1)",
    ],
  ])("refuses a key that is %s, and shows nothing of it", async (_, key, reason) => {
    expect(await problemsOf({ certPem: root.certPem, privateKeyPem: key() })).toEqual([`privateKeyPem ${reason}`]);
  });

  it("refuses a key of a kind that it cannot sign with", async () => {
    const args = ["req", "-x509", "-subj", "/CN=X", "-addext", "keyUsage=keyCertSign", "-nodes", "-keyout", "-"];
    const pair = openssl([...args, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]);
    const [certPem, privateKeyPem] = [openssl(["x509"], pair), openssl(["pkey"], pair)];

    expect(await problemsOf({ certPem, privateKeyPem })).toEqual([
      "privateKeyPem cannot sign with a key of type ec secp256k1: use RSA, ECDSA on P-256, P-384 or P-521, or Ed25519",
    ]);
  });

  it.each<[string, () => string | undefined, string]>([
    ["left out", () => undefined, "must lead to a root, and ends with 'CN=Lower': add 'CN=Upper', which issued it"],
    ["empty", () => "", "must lead to a root, and ends with 'CN=Lower': add 'CN=Upper', which issued it"],
    [
      "without the root",
      () => upper.certPem,
      "must lead to a root, and ends with 'CN=Upper': add 'CN=Root', which issued it",
    ],
    [
      "in the wrong order",
      () => root.certPem + upper.certPem,
      "must have 'CN=Upper' next, which issued 'CN=Lower', got 'CN=Root': put each CA before its issuer",
    ],
    [
      "beginning with itself",
      () => lower.certPem + upper.certPem + root.certPem,
      "must have 'CN=Upper' next, which issued 'CN=Lower', got 'CN=Lower': put each CA before its issuer",
    ],
    [
      "ended by a CA that has just the name",
      () => upper.certPem + foreign.certPem,
      "must have the 'CN=Root' that issued 'CN=Upper', got one of that name with another key",
    ],
    [
      "going on after the root",
      () => upper.certPem + root.certPem + foreign.certPem,
      "must end with the root 'CN=Root', got 'CN=Root' after it",
    ],
    ["a file's name", () => "chain.pem", `${LABEL} CERTIFICATE, got "chain.pem"`],
  ])("refuses a chain that is %s", async (_, chainPem, reason) => {
    expect(await problemsOf({ certPem: lower.certPem, chainPem: chainPem() })).toEqual([`chainPem ${reason}`]);
  });

  it.each<[string, Partial<IdentityRequest>, (pem: string) => string]>([
    ["that is over", { fromDay: -9, toDay: -1 }, (pem) => `must be valid now, got 'CN=X', which has ended ${end(pem)}`],
    ["that lets no CA follow", { maxPathLength: 0 }, () => "must let a CA follow, got a pathlen that 'CN=Y' exceeds"],
  ])("refuses a root %s", async (_, request, reason) => {
    const above = await ca("X", undefined, request);
    const { certPem } = await ca("Y", above);

    expect(await problemsOf({ certPem, chainPem: above.certPem })).toEqual([`chainPem ${reason(above.certPem)}`]);
  });

  it("refuses a CA that is one too many below a root of which another may follow", async () => {
    const top = await ca("Top", undefined, { maxPathLength: 1 });
    const middle = await ca("Middle", top);
    const { certPem } = await ca("Bottom", middle);

    expect(await problemsOf({ certPem, chainPem: middle.certPem + top.certPem })).toEqual([
      "chainPem must let a CA follow, got a pathlen that 'CN=Bottom' exceeds",
    ]);
    expect(await problemsOf({ certPem: middle.certPem, chainPem: top.certPem })).toEqual([]);
  });

  it.each<[string, () => Promise<string> | string, string]>([
    ["of another CA", () => listOf(upper), "must be the list of 'CN=Root', got that of 'CN=Upper'"],
    [
      "signed by another key of that name",
      () => listOf(foreign),
      "must be signed by 'CN=Root', got a list with its name that another key has signed",
    ],
    [
      "stale",
      () => listOf(root, 3, 2),
      "is stale since <moment>, so everybody would be refused: fetch the CA's next one",
    ],
    ["two", async () => (await listOf(root)) + (await listOf(root)), "must be one list, got 2: each CA has its own"],
    ["a certificate", () => root.certPem, `${LABEL} X509 CRL, got CERTIFICATE`],
    [
      "cut short",
      async () => (await listOf(root)).replace(/\n.+\n/, "\n"),
      `must be a revocation list, got one that cannot be parsed: ${CUT}`,
    ],
  ])("refuses a revocation list that is %s", async (_, crlPem, reason) => {
    const [problem, ...others] = await problemsOf({ certPem: root.certPem, crlPem: await crlPem() });

    expect(problem?.replace(/\d{4}-.{14}\.000Z/, "<moment>")).toBe(`crlPem ${reason}`);
    expect(others).toEqual([]);
  });

  it("says everything at once", async () => {
    const { certPem } = await ca("X", root, { isCa: false, fromDay: -9, toDay: -1 });
    const inputs = {
      certPem,
      privateKeyPem: keyPair().privateKeyPem,
      chainPem: upper.certPem,
      crlPem: await listOf(root),
    };

    expect(await problemsOf(inputs)).toEqual([
      "certPem must be of a CA, got 'CN=X' without basicConstraints CA:TRUE",
      `certPem must be valid now, got 'CN=X', which has ended ${end(certPem)}`,
      "privateKeyPem must be the key of 'CN=X', got another one",
      "chainPem must have 'CN=Root' next, which issued 'CN=X', got 'CN=Upper': put each CA before its issuer",
      "crlPem must be the list of 'CN=X', got that of 'CN=Root'",
    ]);
  });
});
