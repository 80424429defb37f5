/** What is kept, and what is refused, when the key of a CA is kept elsewhere. */
import { beforeAll, describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import { revocationList } from "../../provider/revocation-list.ts";
import { identity, type Identity } from "../test-pki.ts";
import { keyPair } from "./keys.ts";
import { created, UNKNOWN } from "./resources.ts";

const HOUR_MS = 3_600_000;

let ca: Identity;
beforeAll(async () => {
  const request = { isCa: true, keyUsages: ["keyCertSign" as const, "cRLSign" as const], extendedKeyUsages: [] };
  ca = await identity({ ...request, toDay: 900, subject: { commonName: "Root" } });
});

describe("a certificate whose issuer's key was taken away", () => {
  const sentence = "'Issuing' is to be signed, and its issuer's key is not here: bring it back for this update";
  let cert: Resource;
  let keyless: Properties;

  beforeAll(async () => {
    cert = await created(certificate, {
      subject: { commonName: "Issuing" },
      publicKeyPem: keyPair().publicKeyPem,
      issuerCertPem: ca.certPem,
      issuerPrivateKeyPem: ca.privateKeyPem,
      isCa: true,
      keyUsages: ["keyCertSign"],
      extendedKeyUsages: [],
      dnsNames: [],
      ipAddresses: [],
      validityPeriodHours: 100,
      earlyRenewalHours: 10,
    });
    keyless = { ...cert.inputs };
    delete keyless.issuerPrivateKeyPem;
  });

  it("stays as it is, and forgets the key", async () => {
    expect((await certificate.check(keyless, cert.inputs)).problems).toEqual([]);
    expect(await certificate.diff(cert, keyless)).toEqual({ update: ["issuerPrivateKeyPem"], replace: [] });
    expect(await certificate.diff(cert, { ...keyless, issuerCertPem: UNKNOWN })).toEqual({
      update: ["issuerCertPem", "issuerPrivateKeyPem"],
      replace: [],
    });
  });

  it.each<[string, (keyless: Properties) => Properties, (cert: Resource) => Resource]>([
    ["is due", (news) => news, (old) => ({ ...old, outputs: { ...old.outputs, notAfter: new Date().toISOString() } })],
    [
      "is to be renewed",
      (news) => ({ ...news, renewedAt: "2021-01-01T00:00:00Z" }),
      (old) => ({ ...old, outputs: { ...old.outputs, issuedAt: "2020-01-01T00:00:00.000Z" } }),
    ],
    ["is to say something else", (news) => ({ ...news, maxPathLength: 0 }), (old) => old],
  ])("is refused in a preview and in an update if it %s", async (_, news, old) => {
    const plan = async () => certificate.diff(old(cert), news(keyless));

    await expect(plan()).rejects.toThrow(sentence);
    await expect(certificate.create(news(keyless))).rejects.toThrow(sentence);
  });

  it("is refused before anything is made if it is a new one", async () => {
    expect((await certificate.check(keyless)).problems).toEqual([
      {
        property: "issuerPrivateKeyPem",
        reason: "must sign the certificate, and its issuer's key is not here: bring it back for this update",
      },
    ]);
    expect((await certificate.check({ ...keyless, issuerPrivateKeyPem: UNKNOWN })).problems).toEqual([]);
  });
});

describe("a revocation list whose CA's key was taken away", () => {
  const sentence = "the revocation list of 'CN=Root' is to be signed, and its key is not here: bring it back";
  const INPUTS = { revoked: [], validityPeriodHours: 100, earlyRenewalHours: 10 };
  let list: Resource;
  let keyless: Properties;

  beforeAll(async () => {
    keyless = { ...INPUTS, issuerCertPem: ca.certPem };
    list = await created(revocationList, { ...keyless, issuerPrivateKeyPem: ca.privateKeyPem });
  });

  it("stays as it is, and forgets the key", async () => {
    expect((await revocationList.check(keyless, list.inputs)).problems).toEqual([]);
    expect(await revocationList.diff(list, keyless)).toEqual({ update: ["issuerPrivateKeyPem"], replace: [] });
    expect(await revocationList.previewUpdate!(list, keyless)).toEqual(list.outputs);
    expect(await revocationList.update!(list, keyless)).toEqual(list.outputs);
  });

  it.each<[string, Properties, number]>([
    ["somebody is revoked", { revoked: [{ id: "bob", serialNumber: "AB", reason: "superseded" }] }, 100],
    ["it is due", {}, 9],
  ])("is refused in a preview and in an update if %s", async (_, change, hoursLeft) => {
    const nextUpdate = new Date(Date.now() + hoursLeft * HOUR_MS).toISOString();
    const resource = { ...list, outputs: { ...list.outputs, nextUpdate } };
    const plan = async () => revocationList.diff(resource, { ...keyless, ...change });

    await expect(plan()).rejects.toThrow(sentence);
    await expect(revocationList.update!(resource, { ...keyless, ...change })).rejects.toThrow(sentence);
  });

  it("is refused before anything is made if it is the first one", async () => {
    expect((await revocationList.check(keyless)).problems).toEqual([
      {
        property: "issuerPrivateKeyPem",
        reason: "must sign the list, and it is not here: bring it back, or use the list that the CA itself gives out",
      },
    ]);
  });
});

describe("a revocation list", () => {
  it("is refused for a CA that may sign none, as mkcert's", async () => {
    const { certPem, privateKeyPem } = await identity({
      subject: { commonName: "mkcert" },
      isCa: true,
      keyUsages: ["keyCertSign"],
      extendedKeyUsages: [],
    });
    const inputs = { issuerCertPem: certPem, issuerPrivateKeyPem: privateKeyPem, revoked: [] };

    expect((await revocationList.check({ ...inputs, validityPeriodHours: 9, earlyRenewalHours: 0 })).problems).toEqual([
      {
        property: "issuerCertPem",
        reason: "must be of a CA that may sign lists, got 'CN=mkcert' without keyUsage cRLSign",
      },
    ]);
  });

  it("keeps those in it who have changed to another CA", async () => {
    const inputs = {
      issuerCertPem: ca.certPem,
      issuerPrivateKeyPem: ca.privateKeyPem,
      revoked: [{ id: "bob", serialNumber: "AB", reason: "superseded" }],
      validityPeriodHours: 100,
      earlyRenewalHours: 0,
    };
    const list = await created(revocationList, inputs);
    const news = {
      ...inputs,
      revoked: [
        { id: "bob", reason: "superseded" },
        { id: "eve", reason: "superseded" },
      ],
    };

    expect((await revocationList.check(news, inputs)).problems).toEqual([]);
    expect((await revocationList.update!(list, news)).entries).toEqual(list.outputs.entries);
  });
});
