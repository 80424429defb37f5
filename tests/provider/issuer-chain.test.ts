/** What the CAs above an issuer forbid, when only their certificates say so. */
import { describe, expect, it } from "@jest/globals";

import { certificate } from "../../provider/certificate.ts";
import { clientCredentials } from "../../provider/client-credentials.ts";
import type { Properties } from "../../provider/resource-type.ts";
import { identity, type Identity, type IdentityRequest } from "../test-pki.ts";
import { keyPair } from "./keys.ts";
import { changed, created, UNKNOWN } from "./resources.ts";

const CA = { isCa: true, keyUsages: ["keyCertSign" as const], extendedKeyUsages: [], toDay: 9 };
const SERVER: Properties = {
  subject: { commonName: "web" },
  publicKeyPem: keyPair().publicKeyPem,
  isCa: false,
  keyUsages: ["digitalSignature"],
  extendedKeyUsages: ["serverAuth"],
  dnsNames: ["web.lab.test"],
  ipAddresses: [],
  validityPeriodHours: 24,
  earlyRenewalHours: 0,
};
const LOWER_CA = { ...SERVER, subject: { commonName: "Lower" }, isCa: true, keyUsages: ["keyCertSign"], dnsNames: [] };

/** A root, and an intermediate below it that has no limit of its own. */
async function hierarchy(limits: Partial<IdentityRequest>): Promise<{ root: Identity; issuing: Identity }> {
  const root = await identity({ ...CA, ...limits, subject: { commonName: "Root" } });
  return { root, issuing: await identity({ ...CA, subject: { commonName: "Issuing" } }, root) };
}

/** Inputs by which the intermediate of a hierarchy is the issuer. */
function below({ root, issuing }: { root: Identity; issuing: Identity }): Properties {
  return {
    issuerCertPem: issuing.certPem,
    issuerPrivateKeyPem: issuing.privateKeyPem,
    issuerChainPem: root.certPem,
  };
}

async function problemsOf(inputs: Properties): Promise<string[]> {
  const { problems } = await certificate.check(inputs);
  return problems.map(({ property, reason }) => `${property} ${reason}`);
}

describe("the CAs above an issuer", () => {
  const constraints = { permitted: { dnsNames: ["lab.test"] } };

  it.each([
    [["web.lab.test"], []],
    [
      ["web.lab.test", "www.evil.test"],
      ["dnsNames has 'www.evil.test', which the issuer's name constraints forbid: choose another, or another issuer"],
    ],
  ])("let names %j pass, or forbid them by their name constraints: %j", async (dnsNames, problems) => {
    const inputs = below(await hierarchy({ nameConstraints: constraints }));

    expect(await problemsOf({ ...SERVER, ...inputs, dnsNames })).toEqual(problems);
    expect(await problemsOf({ ...SERVER, ...inputs, dnsNames, issuerChainPem: UNKNOWN })).toEqual([]);
  });

  it("forbid a name once, whoever of them do", async () => {
    const { root } = await hierarchy({ nameConstraints: constraints });
    const issuing = await identity({ ...CA, nameConstraints: constraints, subject: { commonName: "Issuing" } }, root);

    expect(await problemsOf({ ...SERVER, ...below({ root, issuing }), dnsNames: ["a.test"] })).toHaveLength(1);
  });

  it.each<[number | undefined, number | undefined, string[]]>([
    [undefined, undefined, []],
    [2, 0, []],
    [2, undefined, ["maxPathLength must be less than the issuer's 1, got no limit"]],
    [2, 1, ["maxPathLength must be less than the issuer's 1, got 1"]],
    [1, 0, ["isCa must be false: the issuer's maxPathLength is 0, it may sign no further CA"]],
  ])("with a pathlen of %j let a CA with %j follow below the issuer: %j", async (pathlen, maxPathLength, problems) => {
    const inputs = below(await hierarchy({ maxPathLength: pathlen }));

    expect(
      await problemsOf({ ...LOWER_CA, ...inputs, ...(maxPathLength === undefined ? {} : { maxPathLength }) }),
    ).toEqual(problems);
    expect(await problemsOf({ ...SERVER, ...inputs })).toEqual([]);
  });

  it("forbid the names of a fleet's clients, too", async () => {
    const { issuerCertPem, ...inputs } = below(await hierarchy({ nameConstraints: constraints }));
    const { problems } = await clientCredentials.check({
      ...{ ...inputs, issuerCertPem, chainPem: issuerCertPem },
      ...{ clients: ["sensor-1", "sensor.evil.test"], subject: {}, keyAlgorithm: "P-256" },
      ...{ validityPeriodHours: 24, earlyRenewalHours: 0 },
    });

    expect(problems).toEqual([
      {
        property: "clients[1]",
        reason: "has 'sensor.evil.test', which the issuer's name constraints forbid: choose another, or another issuer",
      },
    ]);
  });

  it("are no part of a certificate: that they are told does not replace it", async () => {
    const { issuerChainPem, ...inputs } = below(await hierarchy({}));
    const server = await created(certificate, { ...SERVER, ...inputs });

    expect(await changed(certificate, server, { issuerChainPem })).toEqual({ update: ["issuerChainPem"], replace: [] });
  });
});

describe("an issuer", () => {
  it("is refused for a certificate with its own name", async () => {
    const inputs = below(await hierarchy({}));

    expect(await problemsOf({ ...SERVER, ...inputs, subject: { commonName: "Issuing" } })).toEqual([
      "subject must differ from the issuer's, got 'CN=Issuing' again",
    ]);
  });

  it("is refused where an RSA key has the wrong certificate, in one sentence", async () => {
    const inputs = { ...below(await hierarchy({})), issuerPrivateKeyPem: keyPair("RSA-2048").privateKeyPem };

    expect(await problemsOf({ ...SERVER, ...inputs })).toEqual([
      "issuerPrivateKeyPem must be the key of 'CN=Issuing', got another one",
    ]);
  });
});
