import { beforeAll, describe, expect, it } from "@jest/globals";

import { revocationList } from "../../provider/revocation-list.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import { setClock } from "../clock.ts";
import { openssl, x509 } from "../openssl.ts";
import { type Identity, identity } from "../test-pki.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

const HOUR_MS = 3_600_000;
const CA = { isCa: true, keyUsages: ["keyCertSign" as const, "cRLSign" as const], extendedKeyUsages: [] };
const NOTHING = { update: [], replace: [] };

const start = Math.floor(Date.now() / 1000) * 1000;
/** The moment so many hours after the first list. */
const at = (hours: number) => new Date(start + hours * HOUR_MS).toISOString();

const ALICE = { id: "alice", serialNumber: "4A0A", reason: "keyCompromise" };
const ALICE_RENEWED = { ...ALICE, serialNumber: "4A0B" };
const BOB = { id: "bob", serialNumber: "4B0A", reason: "superseded" };

let ca: Identity;
let inputs: Properties;
let list: Resource;

beforeAll(async () => {
  ca = await identity({ ...CA, subject: { organization: "Acme", commonName: "CA" }, toDay: 100 });
  inputs = {
    issuerCertPem: ca.certPem,
    issuerPrivateKeyPem: ca.privateKeyPem,
    revoked: [ALICE],
    validityPeriodHours: 30,
    earlyRenewalHours: 10,
  };
});

/** The list with these inputs, signed at the start. */
async function listed(changes: Properties = {}): Promise<Resource> {
  setClock(at(0));
  return created(revocationList, { ...inputs, ...changes });
}

/** The list as an update, so many hours later, makes it. */
async function later(hours: number, resource: Resource, changes: Properties = {}): Promise<Resource> {
  setClock(at(hours));
  return updated(revocationList, resource, changes);
}

/** What a list says, by OpenSSL. */
function said({ outputs }: Resource) {
  const crlPem = outputs.crlPem as string;
  const text = openssl(["crl", "-noout", "-text", "-nameopt", "RFC2253"], crlPem);
  const date = (name: string) => new Date(new RegExp(`${name} Update: (.*)`).exec(text)![1]!).toISOString();
  const revoked = text.matchAll(/Serial Number: (\w+)\n +Revocation Date: (.*)\n(?: +CRL entry ext.*\n.*\n +(.*)\n)?/g);
  return {
    number: Number(/CRL Number: \n +(\d+)\n/.exec(text)![1]),
    thisUpdate: date("Last"),
    nextUpdate: date("Next"),
    revoked: [...revoked].map(([, serial, since, reason]) => [serial, new Date(since!).toISOString(), reason]),
  };
}

describe("a revocation list", () => {
  it("is the CA's first, begins a little earlier for clocks that lag, and says what is revoked", async () => {
    list = await listed();

    const { crlPem, ...outputs } = list.outputs;
    expect(outputs).toEqual({
      crlNumber: 1,
      thisUpdate: at(-5 / 60),
      nextUpdate: at(30),
      entries: [{ ...ALICE, revokedAt: at(0) }],
    });
    expect(list.id).toBe("1");
    expect(said(list)).toEqual({
      number: 1,
      thisUpdate: at(-5 / 60),
      nextUpdate: at(30),
      revoked: [["4A0A", at(0), "Key Compromise"]],
    });
    expect(openssl(["crl", "-noout", "-issuer", "-nameopt", "RFC2253"], crlPem as string)).toBe(
      "issuer=CN=CA,O=Acme\n",
    );
  });

  it("may be empty", async () => {
    expect(said(await listed({ revoked: [] }))).toMatchObject({ number: 1, revoked: [] });
  });

  it.each([0.5, 1 / 3, 0.3333, 29.99999])("is valid for %d hours, to the second", async (hours) => {
    const { nextUpdate } = said(await listed({ validityPeriodHours: hours, earlyRenewalHours: 0 }));

    expect(Date.parse(nextUpdate) - start).toBe(Math.round(hours * 3600) * 1000);
  });

  it("ends with its CA if that has less time left", async () => {
    const { nextUpdate } = said(await listed({ validityPeriodHours: 876_000, earlyRenewalHours: 720 }));

    expect(nextUpdate).toBe(endOf(ca));
  });

  it("is not made without the CA's key, and says so in one sentence", async () => {
    await expect(revocationList.create({ ...inputs, issuerPrivateKeyPem: undefined })).rejects.toThrow(
      new Error("the revocation list of 'O=Acme, CN=CA' is to be signed, and its key is not here: bring it back"),
    );
  });
});

describe("an update of a revocation list", () => {
  it("does nothing while nothing changes", async () => {
    const resource = await listed();

    setClock(at(19.999));
    expect(await changed(revocationList, resource, {})).toEqual(NOTHING);
  });

  it("adds who is revoked, with a higher number, and keeps since when the others are", async () => {
    const resource = await listed();
    expect(await changed(revocationList, resource, { revoked: [ALICE, BOB] })).toEqual({
      update: ["revoked"],
      replace: [],
    });

    const next = await later(1, resource, { revoked: [BOB, ALICE] });
    expect(said(next)).toEqual({
      number: 2,
      thisUpdate: at(1 - 5 / 60),
      nextUpdate: at(31),
      revoked: [
        ["4B0A", at(1), "Superseded"],
        ["4A0A", at(0), "Key Compromise"],
      ],
    });
    expect(next.id).toBe("1"); // the same resource: nothing below it is replaced
    expect(next.outputs).toMatchObject({ crlNumber: 2, thisUpdate: at(1 - 5 / 60), nextUpdate: at(31) });
  });

  it("takes back who is not revoked any more", async () => {
    const next = await later(1, await listed({ revoked: [ALICE, BOB] }), { revoked: [BOB] });
    expect(said(next)).toMatchObject({ number: 2, revoked: [["4B0A", at(0), "Superseded"]] });

    const last = await later(2, next, { revoked: [] });
    expect(said(last)).toMatchObject({ number: 3, revoked: [] });
  });

  it("changes a reason, and not since when it is", async () => {
    const next = await later(1, await listed(), { revoked: [{ ...ALICE, reason: "unspecified" }] });

    expect(said(next)).toMatchObject({ number: 2, revoked: [["4A0A", at(0), undefined]] });
  });

  it("keeps the certificates that an id had before, as long as the id is in the list", async () => {
    const renewed = await later(1, await listed(), { revoked: [ALICE_RENEWED] });
    expect(said(renewed)).toMatchObject({
      number: 2,
      revoked: [
        ["4A0A", at(0), "Key Compromise"],
        ["4A0B", at(1), "Key Compromise"],
      ],
    });

    const held = await later(2, renewed, { revoked: [{ ...ALICE_RENEWED, reason: "certificateHold" }] });
    expect(said(held)).toMatchObject({
      number: 3,
      revoked: [
        ["4A0A", at(0), "Certificate Hold"],
        ["4A0B", at(1), "Certificate Hold"],
      ],
    });

    const none = await later(3, held, { revoked: [] });
    const again = await later(4, none, { revoked: [ALICE_RENEWED] });
    expect(said(again)).toMatchObject({ number: 5, revoked: [["4A0B", at(4), "Key Compromise"]] });
  });

  it("keeps no certificate that another id had before", async () => {
    const next = await later(1, await listed({ revoked: [ALICE] }), { revoked: [BOB] });

    expect(said(next)).toMatchObject({ revoked: [["4B0A", at(1), "Superseded"]] });
  });

  it("keeps a certificate that is revoked by its name when its serial number is taken back, and the other way round", async () => {
    const SERIAL = { id: "4A0A", serialNumber: "4A0A", reason: "superseded" };
    const renewed = await later(1, await listed(), { revoked: [ALICE_RENEWED] });
    const both = await later(2, renewed, { revoked: [ALICE_RENEWED, SERIAL] });
    const byName = [
      ["4A0A", at(0), "Key Compromise"],
      ["4A0B", at(1), "Key Compromise"],
    ];
    expect(said(both).revoked).toEqual([["4A0A", at(0), "Superseded"], byName[1]]);

    expect(said(await later(3, both, { revoked: [ALICE_RENEWED] })).revoked).toEqual(byName);
    expect(said(await later(3, both, { revoked: [SERIAL] })).revoked).toEqual([["4A0A", at(0), "Superseded"]]);
  });

  it("signs it anew in its last part, with the same entries", async () => {
    const resource = await listed();
    for (const hours of [20, 29, 31]) {
      setClock(at(hours));
      expect(await changed(revocationList, resource, {})).toEqual({ update: ["nextUpdate"], replace: [] });
    }

    const next = await later(21, resource);
    expect(said(next)).toEqual({
      number: 2,
      thisUpdate: at(21 - 5 / 60),
      nextUpdate: at(51),
      revoked: [["4A0A", at(0), "Key Compromise"]],
    });
    expect(await changed(revocationList, next, {})).toEqual(NOTHING);
  });

  it.each<[string, Properties]>([
    ["validityPeriodHours", { validityPeriodHours: 31 }],
    ["earlyRenewalHours", { earlyRenewalHours: 11 }],
    ["earlyRenewalHours", { earlyRenewalHours: UNKNOWN }],
    ["issuerPrivateKeyPem", { issuerPrivateKeyPem: UNKNOWN }],
    ["issuerPrivateKeyPem", { issuerPrivateKeyPem: undefined }],
    ["issuerCertPem", { issuerCertPem: UNKNOWN }],
  ])("changes %s in place, and keeps the list: %j", async (property, changes) => {
    const resource = await listed();

    expect(await changed(revocationList, resource, changes)).toEqual({ update: [property], replace: [] });
    expect((await later(1, resource, changes)).outputs).toBe(resource.outputs);
    const news = { ...resource.inputs, ...changes };
    expect(await revocationList.previewUpdate!(resource, news)).toBe(resource.outputs);
  });

  it.each<[string, Properties]>([
    ["somebody is revoked", { revoked: [ALICE, BOB] }],
    [
      "somebody is revoked whose certificate is still to be made",
      { revoked: [ALICE, { ...BOB, serialNumber: UNKNOWN }] },
    ],
    ["it is not known who is revoked", { revoked: UNKNOWN }],
  ])("knows nothing of the next list in a preview when %s", async (_, changes) => {
    const resource = await listed();

    expect(await changed(revocationList, resource, changes)).toEqual({ update: ["revoked"], replace: [] });
    expect(await revocationList.previewUpdate!(resource, { ...resource.inputs, ...changes })).toEqual({});
  });

  it("knows nothing of the next list in a preview when it is due", async () => {
    const resource = await listed();

    setClock(at(20));
    expect(await revocationList.previewUpdate!(resource, resource.inputs)).toEqual({});
  });
});

describe("a revocation list whose CA's key is away", () => {
  it("stays until it is due, and then says that it must be signed", async () => {
    const resource = await listed();
    const away = await later(1, resource, { issuerPrivateKeyPem: undefined });
    const NO_KEY = "the revocation list of 'O=Acme, CN=CA' is to be signed, and its key is not here: bring it back";

    setClock(at(19));
    expect(away.outputs).toBe(resource.outputs);
    expect(await changed(revocationList, away, {})).toEqual(NOTHING);
    await expect(revocationList.update!(away, { ...away.inputs, revoked: [BOB] })).rejects.toThrow(new Error(NO_KEY));
    setClock(at(20));
    await expect(revocationList.update!(away, away.inputs)).rejects.toThrow(new Error(NO_KEY));
    expect(said(await later(20, away, { issuerPrivateKeyPem: ca.privateKeyPem }))).toMatchObject({ number: 2 });
  });
});

describe("a revocation list whose CA changes", () => {
  it.each<[string, () => Promise<Identity>]>([
    ["another key", () => identity({ ...CA, subject: { organization: "Acme", commonName: "CA" } })],
    ["another name and another key", () => identity({ ...CA, subject: { commonName: "Other" } })],
  ])("is another list if that has %s", async (_, other) => {
    const { certPem: issuerCertPem, privateKeyPem: issuerPrivateKeyPem } = await other();
    const resource = await listed();

    expect(await changed(revocationList, resource, { issuerCertPem, issuerPrivateKeyPem })).toEqual({
      update: [],
      replace: ["issuerCertPem"],
    });
  });

  it("is another list in a preview, too, if that is to have another key", async () => {
    const news = { issuerCertPem: UNKNOWN, issuerPrivateKeyPem: UNKNOWN };

    expect(await changed(revocationList, await listed(), news)).toEqual({ update: [], replace: ["issuerCertPem"] });
  });

  it("stays if that has renewed its certificate, and may then live longer", async () => {
    const endless = { validityPeriodHours: 876_000, earlyRenewalHours: 720 };
    const resource = await listed(endless);
    const hoursLeft = (Date.parse(endOf(ca)) - start) / HOUR_MS;
    const issuerCertPem = await renewed();

    setClock(at(1));
    expect(await changed(revocationList, resource, { issuerCertPem })).toEqual({
      update: ["issuerCertPem"],
      replace: [],
    });
    const next = await later(1, resource, { issuerCertPem });
    expect(next.outputs).toBe(resource.outputs);

    // It ended with the CA: only now can it gain by another signature.
    setClock(at(hoursLeft - 719));
    expect(await changed(revocationList, resource, {})).toEqual(NOTHING);
    expect(await changed(revocationList, next, {})).toEqual({ update: ["nextUpdate"], replace: [] });
    const last = said(await later(hoursLeft - 719, next));
    expect(last).toMatchObject({ number: 2, nextUpdate: endOf({ certPem: issuerCertPem }) });
  });

  /** The CA's certificate with the same name and key, and 100 days more. */
  async function renewed(): Promise<string> {
    const { issue } = await import("../../provider/x509/issue.ts");
    const publicKeyPem = x509(ca.certPem, "-pubkey");
    const request = { ...CA, subject: { organization: "Acme", commonName: "CA" }, dnsNames: [], ipAddresses: [] };
    const validity = { notBefore: new Date(at(0)), notAfter: new Date(Date.parse(endOf(ca)) + 2400 * HOUR_MS) };
    return issue({ ...request, publicKeyPem }, { privateKeyPem: ca.privateKeyPem }, validity);
  }
});

describe("the check of a revocation list's inputs", () => {
  async function problemsOf(changes: Properties): Promise<string[]> {
    const { problems } = await revocationList.check({ ...inputs, ...changes });
    return problems.map(({ property, reason }) => `${property} ${reason}`);
  }

  it("finds nothing wrong in what is right, or not yet known", async () => {
    const all = ["unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded"];
    const more = ["cessationOfOperation", "certificateHold", "privilegeWithdrawn", "aACompromise"];
    const revoked = [...all, ...more].map((reason, position) => ({ id: reason, serialNumber: `4${position}`, reason }));

    expect(await problemsOf({})).toEqual([]);
    expect(await problemsOf({ revoked })).toEqual([]);
    expect(await problemsOf({ revoked: [{ ...ALICE, serialNumber: "FF".repeat(20) }] })).toEqual([]);
    expect(await problemsOf({ revoked: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ revoked: [UNKNOWN, UNKNOWN] })).toEqual([]);
    expect(await problemsOf({ revoked: [ALICE, { id: "x", serialNumber: UNKNOWN, reason: UNKNOWN }] })).toEqual([]);
    expect(await problemsOf({ revoked: ["x", "y"].map((id) => ({ ...ALICE, id, serialNumber: UNKNOWN })) })).toEqual(
      [],
    );
    expect(await problemsOf({ issuerCertPem: UNKNOWN, issuerPrivateKeyPem: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ issuerPrivateKeyPem: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ validityPeriodHours: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ earlyRenewalHours: UNKNOWN })).toEqual([]);
    expect(await problemsOf({ earlyRenewalHours: 0, validityPeriodHours: 0.1 })).toEqual([]);
  });

  const SERIAL = "serialNumber must be hexadecimal in capitals, of 1 to 20 octets, got";
  it.each<[string, string]>([
    ["", `${SERIAL} ''`],
    ["4a", `${SERIAL} '4a'`],
    ["4AB", `${SERIAL} '4AB'`],
    ["0x4A", `${SERIAL} '0x4A'`],
    ["4A:0B", `${SERIAL} '4A:0B'`],
    ["-4A", `${SERIAL} '-4A'`],
    ["004A", `${SERIAL} '004A'`],
    ["4A".repeat(21), `${SERIAL} '${"4A".repeat(21)}'`],
  ])("refuses the serial number %j", async (serialNumber, sentence) => {
    expect(await problemsOf({ revoked: [BOB, { ...ALICE, serialNumber }] })).toEqual([`revoked[1].${sentence}`]);
  });

  it.each<[Properties, string[]]>([
    [
      { revoked: [ALICE, BOB, { ...ALICE, id: "4A0A" }] },
      ["revoked[2].serialNumber is revoked already by revoked[0]: remove one"],
    ],
    [
      { revoked: [{ ...ALICE, reason: "lost" }] },
      [
        "revoked[0].reason must be one of unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, " +
          "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise, got 'lost'",
      ],
    ],
    [
      { validityPeriodHours: 876_001 },
      ["validityPeriodHours must be more than 0 and at most 876000 (100 years), got 876001"],
    ],
    [
      { validityPeriodHours: 0, earlyRenewalHours: 0 },
      [
        "validityPeriodHours must be more than 0 and at most 876000 (100 years), got 0",
        "earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (0), got 0",
      ],
    ],
    [
      { earlyRenewalHours: -1 },
      ["earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (30), got -1"],
    ],
    [
      { earlyRenewalHours: 30 },
      ["earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (30), got 30"],
    ],
    [{ issuerCertPem: "ca.pem" }, ['issuerCertPem must be PEM with the label CERTIFICATE, got "ca.pem"']],
    [
      { issuerPrivateKeyPem: "ca.key" },
      ["issuerPrivateKeyPem must be a private key in PEM without a passphrase (PKCS#8, PKCS#1 or SEC 1)"],
    ],
  ])("refuses %j", async (changes, problems) => {
    expect(await problemsOf(changes)).toEqual(problems);
  });

  it("refuses a key that is not the CA's", async () => {
    const { privateKeyPem } = await identity({ subject: { commonName: "x" } });

    expect(await problemsOf({ issuerPrivateKeyPem: privateKeyPem })).toEqual([
      "issuerPrivateKeyPem must be the key of 'O=Acme, CN=CA', got another one",
    ]);
  });

  it("names every problem at once", async () => {
    const revoked = [{ id: "x", serialNumber: "x", reason: "x" }, ALICE, { ...ALICE, reason: "x" }];
    const changes = { issuerCertPem: "x", revoked, validityPeriodHours: -1 };
    const { problems } = await revocationList.check({ ...inputs, ...changes });

    expect(problems.map(({ property }) => property)).toEqual([
      "issuerCertPem",
      "revoked[0].serialNumber",
      "revoked[0].reason",
      "revoked[2].serialNumber",
      "revoked[2].reason",
      "validityPeriodHours",
      "earlyRenewalHours",
    ]);
  });
});

/** When a certificate ends. ISO 8601. */
function endOf({ certPem }: Pick<Identity, "certPem">): string {
  return new Date(x509(certPem, "-enddate").trim().replace("notAfter=", "")).toISOString();
}
