import { createPublicKey } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { pkcs12 } from "../../provider/pkcs12.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import { importPrivateKey, importPublicKey } from "../../provider/x509/keys.ts";
import x509 from "../../provider/x509/library.ts";
import { openssl } from "../openssl.ts";
import { publicPem } from "../pkcs12-readers.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";
import { keyPair } from "./keys.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

let root: Identity;
let intermediate: Identity;
let alice: Properties;
/** The same client after a renewal: the same name, another certificate and another key. */
let renewed: Properties;

beforeAll(async () => {
  ({ root, intermediate } = await authorities("Lab"));
  alice = await client();
  renewed = await client();
});

async function client(): Promise<Properties> {
  const { chainPem, privateKeyPem } = await identity({ subject: { commonName: "alice" } }, intermediate);
  return { chainPem, privateKeyPem, friendlyName: "alice" };
}

/** What `openssl pkcs12` prints of a resource's file, opened with its password. */
function opened({ outputs }: Resource, ...args: string[]): string {
  const { contentBase64, password } = outputs as Record<string, string>;
  return openssl(["pkcs12", ...args, "-passin", `pass:${password}`], Buffer.from(contentBase64!, "base64"));
}

describe("a Pkcs12", () => {
  it("has a password of 128 random bits that needs no quoting, and opens with it", async () => {
    const [file, again] = [await created(pkcs12, alice), await created(pkcs12, alice)];
    const password = file.outputs.password as string;

    expect(password).toMatch(/^[\w-]{22}$/);
    expect(Buffer.from(password, "base64url")).toHaveLength(16);
    expect(again.outputs.password).not.toBe(password);
    expect(again.id).not.toBe(file.id);
    expect(opened(file, "-nokeys")).toContain("friendlyName: alice\n");
  });

  it("is modern unless it is told otherwise, and says so in its inputs", async () => {
    expect((await created(pkcs12, alice)).inputs.profile).toBe("modern");
    expect((await created(pkcs12, { ...alice, profile: "compat" })).inputs.profile).toBe("compat");
  });

  it("is the same file until something in it changes", async () => {
    const file = await created(pkcs12, alice);

    expect(await changed(pkcs12, file, {})).toEqual({ update: [], replace: [] });
    expect(await changed(pkcs12, file, { profile: undefined })).toEqual({ update: [], replace: [] });
  });

  it.each<[string, () => unknown]>([
    ["chainPem", () => intermediate.chainPem],
    ["chainPem", () => UNKNOWN],
    ["privateKeyPem", () => UNKNOWN],
    ["friendlyName", () => "bob"],
    ["profile", () => "compat"],
  ])("is updated in place, never replaced, when %s is another", async (property, value) => {
    const file = await created(pkcs12, alice);
    const news = { ...file.inputs, [property]: value() };

    expect(await pkcs12.diff(file, news)).toEqual({ update: [property], replace: [] });
  });

  it.each<[string, () => Properties, string[]]>([
    ["the profile", () => ({ profile: "compat" }), ["profile"]],
    ["the name", () => ({ friendlyName: "Alice" }), ["friendlyName"]],
    ["certificate and key", () => renewed, ["chainPem", "privateKeyPem"]],
    ["the chain", () => ({ chainPem: `${alice.chainPem as string}${root.certPem}` }), ["chainPem"]],
  ])("keeps its password and its id when %s change, and is what the change says", async (_, news, update) => {
    const file = await created(pkcs12, alice);
    expect(await changed(pkcs12, file, news())).toEqual({ update, replace: [] });

    const after = await updated(pkcs12, file, news());
    const afresh = await created(pkcs12, { ...alice, ...news() });
    expect([after.id, after.outputs.password]).toEqual([file.id, file.outputs.password]);
    expect(after.outputs.contentBase64).not.toBe(file.outputs.contentBase64);
    expect(opened(after, "-nodes")).toBe(opened(afresh, "-nodes"));
    expect(await changed(pkcs12, after, {})).toEqual({ update: [], replace: [] });
  });

  it("tells before an update that the password stays, and nothing of the file", async () => {
    const file = await created(pkcs12, alice);

    expect(await pkcs12.previewUpdate!(file, { ...file.inputs, profile: "compat" })).toEqual({
      password: file.outputs.password,
    });
  });
});

describe("the check of a Pkcs12's inputs", () => {
  async function problemsOf(inputs: Properties): Promise<string[]> {
    const { problems } = await pkcs12.check({ ...alice, ...inputs });
    return problems.map(({ property, reason }) => `${property} ${reason}`);
  }

  it("finds nothing wrong in what is right, or not yet known", async () => {
    expect(await problemsOf({})).toEqual([]);
    expect(await problemsOf({ profile: "compat", friendlyName: "上".repeat(255) })).toEqual([]);
    expect(await problemsOf({ chainPem: `${alice.chainPem as string}${root.certPem}` })).toEqual([]);
    expect(await problemsOf({ profile: UNKNOWN, friendlyName: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ chainPem: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ privateKeyPem: UNKNOWN })).toEqual([]);
  });

  it.each<[string, () => Properties, string]>([
    [
      "an unknown profile",
      () => ({ profile: "legacy" }),
      "profile must be one of modern, compat, got 'legacy'", // RC2, which no current reader takes
    ],
    ["no name", () => ({ friendlyName: "" }), "friendlyName must have 1 to 255 characters, got 0"],
    ["a long name", () => ({ friendlyName: "a".repeat(256) }), "friendlyName must have 1 to 255 characters, got 256"],
    [
      "no certificate",
      () => ({ chainPem: alice.privateKeyPem }),
      "chainPem must hold the leaf's certificate in PEM, then its intermediates, got no certificate",
    ],
    [
      "a damaged certificate",
      () => ({ chainPem: (alice.chainPem as string).replace(/\n.{8}/, "\n") }),
      "chainPem must be certificates in PEM, got 2, of which number 1 is damaged",
    ],
    [
      "the wrong order",
      () => ({ chainPem: `${alice.chainPem as string}${root.certPem}${intermediate.certPem}` }),
      "chainPem must have each certificate before its issuer, got CN=Lab Root CA before CN=Lab Issuing CA: " +
        "put the leaf first, then its intermediates up to the root",
    ],
    [
      "a gap",
      () => ({ chainPem: `${certPemOf(alice)}${root.certPem}` }),
      "chainPem must have each certificate before its issuer, got CN=alice before CN=Lab Root CA: " +
        "put the leaf first, then its intermediates up to the root",
    ],
    [
      "the chain of another key",
      () => ({ chainPem: renewed.chainPem }),
      "chainPem must begin with the certificate of 'privateKeyPem', got CN=alice first: " +
        "put the leaf first, or give the key that belongs to it",
    ],
    [
      "the chain without the leaf",
      () => ({ chainPem: intermediate.chainPem }),
      "chainPem must begin with the certificate of 'privateKeyPem', got CN=Lab Issuing CA first: " +
        "put the leaf first, or give the key that belongs to it",
    ],
    [
      "no key",
      () => ({ privateKeyPem: alice.chainPem }),
      "privateKeyPem must be a private key in PEM that is not encrypted, got none that can be read",
    ],
  ])("refuses %s in one sentence with the property", async (_, inputs, problem) => {
    expect(await problemsOf(inputs())).toEqual([problem]);
  });

  it("refuses a CA that only has the issuer's name: what it signed must verify with its key", async () => {
    const { cryptoKey: publicKey } = await importPublicKey(publicPem(createPublicKey(alice.privateKeyPem as string)));
    const other = await importPrivateKey(keyPair().privateKeyPem);
    // Without the identifier of the issuer's key, only the signature tells the two CAs apart.
    const cert = await x509.X509CertificateGenerator.create({
      subject: "CN=alice",
      issuer: "CN=Lab Issuing CA",
      publicKey,
      signingKey: other.cryptoKey,
      signingAlgorithm: other.signing,
    });

    expect(await problemsOf({ chainPem: `${cert.toString("pem")}\n${intermediate.certPem}` })).toEqual([
      "chainPem must have each certificate before its issuer, got CN=alice before CN=Lab Issuing CA: " +
        "put the leaf first, then its intermediates up to the root",
    ]);
  });

  it("tells all problems at once", async () => {
    const problems = await problemsOf({ profile: "", friendlyName: "", chainPem: "", privateKeyPem: "" });

    expect(problems.map((problem) => problem.split(" ")[0])).toEqual([
      "profile",
      "friendlyName",
      "chainPem",
      "privateKeyPem",
    ]);
  });
});

function certPemOf({ chainPem }: Properties): string {
  return (chainPem as string).split(/(?<=-----END CERTIFICATE-----\n)/)[0]!;
}
