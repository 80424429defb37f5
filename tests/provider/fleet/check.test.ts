import { beforeAll, describe, expect, it } from "@jest/globals";

import { clientCredentials as fleet } from "../../../provider/client-credentials.ts";
import type { Properties } from "../../../provider/resource-type.ts";
import { authorities, type Identity } from "../../test-pki.ts";
import { fleetCa, type FleetCa } from "../fleet-ca.ts";
import { keyPair } from "../keys.ts";
import { UNKNOWN } from "../resources.ts";

let ca: FleetCa;
let other: { root: Identity; intermediate: Identity };
let inputs: Properties;

beforeAll(async () => {
  ca = await fleetCa();
  other = await authorities("Other");
  inputs = {
    clients: ["alice", "bob"],
    subject: { organization: "Acme", country: "CH" },
    keyAlgorithm: "P-256",
    issuerCertPem: ca.certPem,
    issuerPrivateKeyPem: ca.key.privateKeyPem,
    chainPem: "",
    validityPeriodHours: 100,
    earlyRenewalHours: 10,
    directory: "/lab/clients",
  };
});

/** The problems of inputs as sentences. */
async function problems(values: Properties, olds?: Properties): Promise<string[]> {
  const { problems } = await fleet.check({ ...inputs, ...values }, olds);
  return problems.map(({ property, reason }) => `${property} ${reason}`);
}

const ALLOWED = "must be 1 to 64 letters and digits, with ._@- in between";
const MOMENT = "must be a moment like 2030-01-31T00:00:00Z";

describe("the check of a fleet", () => {
  it("has the clients by their names, whatever their order", async () => {
    const { inputs: checked } = await fleet.check({
      ...inputs,
      clients: ["bob", { name: "alice", renewedAt: "2030-01-31T00:00:00Z" }],
    });

    expect(checked).toEqual({
      ...inputs,
      clients: { bob: {}, alice: { renewedAt: "2030-01-31T00:00:00Z" } },
      notBefore: "-5m",
      pkcs12Profile: "modern",
    });
    expect(await fleet.check(checked)).toEqual({ inputs: checked, problems: [] }); // as the engine has them
  });

  it.each([
    ["", `clients[2] ${ALLOWED}, got ''`],
    ["../x", `clients[2] ${ALLOWED}, got '../x'`],
    ["a/b", `clients[2] ${ALLOWED}, got 'a/b'`],
    ["a;b", `clients[2] ${ALLOWED}, got 'a;b'`],
    ["a b", `clients[2] ${ALLOWED}, got 'a b'`],
    [".a", `clients[2] ${ALLOWED}, got '.a'`],
    ["-a", `clients[2] ${ALLOWED}, got '-a'`],
    ["__proto__", `clients[2] ${ALLOWED}, got '__proto__'`],
    ["ä", `clients[2] ${ALLOWED}, got 'ä'`],
    ["a\n", `clients[2] ${ALLOWED}, got 'a\n'`],
    ["a".repeat(65), `clients[2] ${ALLOWED}, got '${"a".repeat(65)}'`],
    ["alice", "clients[2] must differ from the name of clients[0], capitals aside, got 'alice': remove one"],
    ["Alice", "clients[2] must differ from the name of clients[0], capitals aside, got 'Alice': remove one"],
    [
      "www.example.com",
      "clients[2] has 'www.example.com', which the issuer's name constraints forbid: choose another, or another issuer",
    ],
    ["www.lab.test", undefined],
    ["constructor", undefined],
    ["a".repeat(64), undefined],
  ])("of a client %j says: %s", async (name, sentence) => {
    expect(await problems({ clients: ["alice", "bob", name] })).toEqual(sentence === undefined ? [] : [sentence]);
  });

  it("names every problem at once, each with its path", async () => {
    const values = {
      clients: ["alice", "../x", { name: "" }, { name: "alice" }, { name: "carol", renewedAt: "tomorrow" }],
      subject: { country: "ch" },
      keyAlgorithm: "RSA-1024",
      pkcs12Profile: "old",
      validityPeriodHours: 0,
      notBefore: "now",
      renewedAt: "now",
      crlDistributionPoints: ["nowhere"],
      chainPem: "rubbish",
      directory: "clients",
    };
    expect(await problems(values)).toEqual([
      `clients[1] ${ALLOWED}, got '../x'`,
      `clients[2].name ${ALLOWED}, got ''`,
      "clients[3].name must differ from the name of clients[0], capitals aside, got 'alice': remove one",
      `clients[4].renewedAt ${MOMENT}, got 'tomorrow'`,
      "keyAlgorithm must be one of P-256, P-384, P-521, RSA-2048, RSA-3072, RSA-4096, Ed25519, got 'RSA-1024'",
      "subject.country must be two capital letters (ISO 3166), got 'ch'",
      "crlDistributionPoints[0] must be an absolute URI, got 'nowhere'",
      "validityPeriodHours must be more than 0 and at most 876000 (100 years), got 0",
      "earlyRenewalHours must be at least 0 and less than 'validityPeriodHours' (0), got 10",
      "notBefore must be a moment like 2030-01-31T00:00:00Z, or a span from now like -5m, +24h or -400d, got 'now'",
      `renewedAt ${MOMENT}, got 'now'`,
      'chainPem must be PEM with the label CERTIFICATE, got "rubbish"',
      "pkcs12Profile must be one of modern, compat, got 'old'",
      "directory must be an absolute path, got 'clients'",
    ]);
  });

  it.each<[string, () => Properties, string]>([
    [
      "a key that is not the issuer's",
      () => ({ issuerPrivateKeyPem: keyPair().privateKeyPem }),
      "issuerPrivateKeyPem must be the key of 'CN=Root', got another one",
    ],
    [
      "a chain of another issuer",
      () => ({ chainPem: other.intermediate.chainPem }),
      "chainPem must begin with 'issuerCertPem', or be empty where a root signs",
    ],
  ])("refuses %s, once for all clients", async (_, values, sentence) => {
    expect(await problems(values())).toEqual([sentence]);
  });

  it("takes the chain of an intermediate", async () => {
    const { certPem, privateKeyPem, chainPem } = other.intermediate;
    const values = { issuerCertPem: certPem, issuerPrivateKeyPem: privateKeyPem, chainPem, validityPeriodHours: 20 };

    expect(await problems(values)).toEqual([]);
  });

  it.each([
    "clients",
    "subject",
    "keyAlgorithm",
    "issuerCertPem",
    "issuerPrivateKeyPem",
    "chainPem",
    "pkcs12Profile",
    "directory",
    "validityPeriodHours",
    "notBefore",
  ])("has nothing against %s that only the update knows", async (property) => {
    expect(await problems({ [property]: UNKNOWN })).toEqual([]);
  });

  it("has nothing against one name that only the update knows, and finds what is wrong with the others", async () => {
    expect(await problems({ clients: ["alice", UNKNOWN, "../x"] })).toEqual([`clients[2] ${ALLOWED}, got '../x'`]);
  });

  it("does not ask about an issuer again that has signed just this", async () => {
    const wrong = { issuerPrivateKeyPem: keyPair().privateKeyPem };
    const { inputs: olds } = await fleet.check({ ...inputs, ...wrong });

    expect(await problems(wrong, olds)).toEqual([]);
    expect(await problems({ ...wrong, validityPeriodHours: 99 }, olds)).toHaveLength(1);
  });
});
