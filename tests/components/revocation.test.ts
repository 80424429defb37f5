import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert } from "../../components/client-cert.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { Revocation, type RevocationArgs, type Revoked } from "../../components/revocation.ts";
import { RootCA } from "../../components/root-ca.ts";
import { ServerCert } from "../../components/server-cert.ts";
import type { RevocationReason } from "../../rules/revocation-reasons.ts";
import { declared, inspect, refusalOf, secret, tree, valueOf } from "../mocks.ts";

/** A small PKI: a root, two intermediates, and what the first of them has signed. */
function pki() {
  const root = new RootCA("root", { subject: { commonName: "Root" } });
  const ca = (name: string) => new IntermediateCA(name, { issuer: root, subject: { commonName: name } });
  const [issuing, other] = [ca("issuing"), ca("other")];
  const alice = new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" } });
  const web = new ServerCert("web", { issuer: issuing, dnsNames: ["lab.test"] });
  return { root, issuing, other, alice, web };
}

type Pki = ReturnType<typeof pki>;

/** Revocation for the clients of the first intermediate, unless told otherwise. */
function revocation(args: (all: Pki) => Partial<RevocationArgs> = () => ({})): Revocation {
  const all = pki();
  return new Revocation("revocation", { issuers: [all.issuing], ...args(all) });
}

/** The tree of the revocation alone. */
function ownTree(): string[] {
  return tree().filter((line) => line.includes("evocation"));
}

describe("Revocation", () => {
  it("owns a list of each client's CA and of every CA above", async () => {
    await declared(() => revocation());

    expect(ownTree()).toEqual([
      "Revocation revocation",
      "  RevocationList revocation-issuing",
      "  RevocationList revocation-root",
    ]);
  });

  it("owns one list of a CA that is above several", async () => {
    await declared(() => revocation(({ issuing, other, root }) => ({ issuers: [issuing, other, root, issuing] })));

    expect(ownTree()).toEqual([
      "Revocation revocation",
      "  RevocationList revocation-issuing",
      "  RevocationList revocation-other",
      "  RevocationList revocation-root",
    ]);
  });

  it("has every list signed by its CA, the clients' for 90 days, those above as long as the CA lives", async () => {
    await declared(() => revocation());

    expect(inspect("revocation-issuing").inputs).toEqual({
      issuerCertPem: "<issuing-cert>",
      issuerPrivateKeyPem: secret("<private issuing-key>"),
      revoked: [],
      validityPeriodHours: 2_160,
      earlyRenewalHours: 720,
    });
    expect(inspect("revocation-root").inputs).toEqual({
      issuerCertPem: "<root-cert>",
      issuerPrivateKeyPem: secret("<private root-key>"),
      revoked: [],
      validityPeriodHours: 876_000,
      earlyRenewalHours: 720,
    });
  });

  it.each([
    [3, 1],
    [2_159, 2_159 / 3],
    [2_161, 720],
  ])(
    "with a validity of %i hours, has the clients' lists signed anew %d hours before their end",
    async (hours, early) => {
      await declared(() =>
        revocation(({ issuing, root }) => ({ issuers: [issuing, root], validityPeriodHours: hours })),
      );

      for (const name of ["revocation-issuing", "revocation-root"]) {
        expect(inspect(name).inputs).toMatchObject({ validityPeriodHours: hours, earlyRenewalHours: early });
      }
    },
  );

  it("puts what is revoked into the list of the CA that issued it, and keeps its id in those of the others", async () => {
    await declared(() =>
      revocation(({ alice, web, issuing, other, root }) => ({
        issuers: [issuing, other],
        revoked: [
          { id: "alice", certificate: alice, reason: "keyCompromise" },
          { id: "intermediate", certificate: issuing, reason: "cACompromise" },
          { id: "web", certificate: web, reason: "superseded" },
          { id: "4A0B", certificate: { issuer: other, serialNumber: "4A0B" }, reason: "unspecified" },
          { id: "gone", certificate: { issuer: root, serialNumber: pulumi.output("4A0C") }, reason: "certificateHold" },
        ],
      })),
    );

    const revokedIn = (name: string) => inspect(`revocation-${name}`).inputs.revoked;
    expect(revokedIn("issuing")).toEqual([
      { id: "alice", serialNumber: "<serial alice-cert>", reason: "keyCompromise" },
      { id: "web", serialNumber: "<serial web-cert>", reason: "superseded" },
      { id: "4A0B", reason: "unspecified" },
    ]);
    expect(revokedIn("other")).toEqual([
      { id: "4A0B", serialNumber: "4A0B", reason: "unspecified" },
      { id: "alice", reason: "keyCompromise" },
      { id: "web", reason: "superseded" },
    ]);
    expect(revokedIn("root")).toEqual([
      { id: "intermediate", serialNumber: "<serial issuing-cert>", reason: "cACompromise" },
      { id: "gone", serialNumber: "4A0C", reason: "certificateHold" },
    ]);
  });

  it("gives nginx all lists in one, and tells when the first of them lapses", async () => {
    const [one, other] = await declared(() => {
      const root = new RootCA("a", { subject: { commonName: "A" } });
      const issuing = new IntermediateCA("z", { issuer: root, subject: { commonName: "Z" } });
      return [new Revocation("r", { issuers: [issuing] }), new Revocation("q", { issuers: [root] })];
    });

    expect(await valueOf(one.crlPem)).toBe("<r-z><r-a>");
    expect(await valueOf(one.nextUpdate)).toBe("<next update r-a>");
    expect(await valueOf(other.crlPem)).toBe("<q-a>");
    expect(await valueOf(other.nextUpdate)).toBe("<next update q-a>");
  });

  it("stores no key and no certificate of its own, and its lists are no secret", async () => {
    const { crlPem } = await declared(() => revocation(() => ({ validityPeriodHours: 24 })));

    expect(await pulumi.isSecret(crlPem)).toBe(false);
    expect(inspect("revocation").inputs).toEqual({ validityPeriodHours: 24 });
    expect(inspect("revocation").outputs).toEqual({
      crlPem: "<revocation-issuing><revocation-root>",
      nextUpdate: "<next update revocation-issuing>",
    });
  });

  const entry = ({ alice }: Pki): Revoked => ({ id: "alice", certificate: alice, reason: "superseded" });
  it.each<[string, (all: Pki) => Revoked[], string]>([
    [
      "for a reason that is none",
      (all) => [entry(all), { ...entry(all), id: "a", reason: "lost" as RevocationReason }],
      "'revoked[1].reason' must be one of unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, " +
        "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise, got 'lost'",
    ],
    [
      "of a CA that clients are not below",
      ({ other }) => [{ id: "4A0B", certificate: { issuer: other, serialNumber: "4A0B" }, reason: "superseded" }],
      "'revoked[0]' 4A0B was issued by a CA that is not above 'issuers': add its CA there",
    ],
    [
      "twice",
      (all) => [entry(all), { ...entry(all), reason: "keyCompromise" }],
      "'revoked[1]' alice is revoked already: remove one of the two",
    ],
  ])("refuses to revoke a certificate %s", async (_, revoked, sentence) => {
    expect(await refusalOf(() => revocation((all) => ({ revoked: revoked(all) })))).toBe(sentence);
  });
});
