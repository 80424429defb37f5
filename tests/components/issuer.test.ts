import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { chainOf, checkChild, intermediatesBelowRoot, type Issuer, rootOf, signedBy } from "../../components/issuer.ts";
import type { CertifiedNames, NameConstraints } from "../../rules/name-constraints.ts";
import type { Subject } from "../../rules/subject.ts";
import { declared, refusalOf } from "../mocks.ts";

type Names = Omit<CertifiedNames, "commonName">;

const rootSubject: Subject = { country: "CN", organization: "Acme", organizationalUnit: "", commonName: "Root" };

const root = ca(rootSubject, 100);
const upper = ca({ commonName: "Upper" }, 50, root);
const lower = ca({ commonName: "Lower" }, 25, upper);

function ca(subject: Subject, validityPeriodHours: number, issuer?: Issuer, nameConstraints?: NameConstraints): Issuer {
  const none = pulumi.output("");
  return {
    name: "ca",
    subject,
    issuer,
    validityPeriodHours,
    certPem: none,
    chainPem: none,
    serialNumber: none,
    privateKeyPem: none,
    maxPathLength: undefined,
    nameConstraints,
  };
}

/** Checks a child as a component does. */
function check(issuer: Issuer, subject: Subject, validityPeriodHours: number, names?: Names): void {
  const child = new pulumi.ComponentResource("test:index:Child", "child");
  checkChild(child, issuer, { subject, validityPeriodHours, names });
}

describe("an issuer", () => {
  it.each([
    ["root", root, 0],
    ["first intermediate", upper, 1],
    ["second intermediate", lower, 2],
  ])("is the root or has it above itself: %s", (_, issuer, intermediates) => {
    expect(rootOf(issuer)).toBe(root);
    expect(intermediatesBelowRoot(issuer)).toBe(intermediates);
  });

  it("has a chain from itself up to the root", () => {
    expect(chainOf(lower)).toEqual([lower, upper, root]);
    expect(chainOf(root)).toEqual([root]);
  });

  it("names itself in what it signs by certificate, key and URLs", () => {
    const urls = { crlDistributionPoints: ["a:1"], caIssuers: ["a:2"], ocspResponders: ["a:3"] };
    const { certPem: issuerCertPem, privateKeyPem: issuerPrivateKeyPem } = root;

    expect(signedBy({ ...root, ...urls })).toEqual({ issuerCertPem, issuerPrivateKeyPem, ...urls });
    expect(signedBy(root)).toEqual({ issuerCertPem, issuerPrivateKeyPem });
  });
});

describe("checkChild", () => {
  it("takes another name and a shorter life", async () => {
    await declared(() => check(lower, { commonName: "leaf" }, 24));
  });

  it.each([25, 26, 1000])("refuses %i hours below a CA that has 25", async (hours) => {
    expect(await refusalOf(() => check(lower, { commonName: "leaf" }, hours))).toBe(
      `'validityPeriodHours' must be less than the issuer's 25, got ${hours}: lower it, or raise the issuer's`,
    );
  });

  it.each<[string, Subject, string]>([
    ["its issuer", { commonName: "Lower" }, "CN=Lower"],
    ["the CA above its issuer", { commonName: "Upper" }, "CN=Upper"],
    ["the root, with what is empty left out", { ...rootSubject, locality: "" }, "C=CN, O=Acme, CN=Root"],
  ])("refuses the name of %s", async (_, subject, text) => {
    expect(await refusalOf(() => check(lower, subject, 24))).toBe(
      `'subject' must differ from every CA's above it, got ${text} again: change commonName`,
    );
  });

  describe("below CAs with name constraints", () => {
    const above = ca(rootSubject, 100, undefined, { permitted: { dnsNames: ["lab.test"] } });
    const issuer = ca({ commonName: "Issuing" }, 50, above, { excluded: { dnsNames: ["secret.lab.test"] } });
    const none: Names = { dnsNames: [], ipAddresses: [], emailAddresses: [] };
    const forbids = (name: string, text: string) =>
      `'${name}' is forbidden by the name constraints of ${text}: choose another name, or widen 'nameConstraints' there`;

    it.each<[string, Subject, Names | undefined]>([
      ["a name that all of them permit", { commonName: "leaf" }, { ...none, dnsNames: ["www.lab.test"] }],
      ["a kind of name of which none speaks", { commonName: "leaf" }, { ...none, ipAddresses: ["192.0.2.1"] }],
      ["a common name beside a DNS name", { commonName: "evil.test" }, { ...none, dnsNames: ["www.lab.test"] }],
      ["a CA with any name", { commonName: "evil.test" }, undefined],
    ])("takes %s", async (_, subject, names) => {
      await declared(() => check(issuer, subject, 24, names));
    });

    it.each<[string, Subject, Names, string]>([
      [
        "a name that the issuer excludes",
        { commonName: "leaf" },
        { ...none, dnsNames: ["secret.lab.test"] },
        forbids("secret.lab.test", "CN=Issuing"),
      ],
      [
        "a name that the root does not permit",
        { commonName: "leaf" },
        { ...none, dnsNames: ["evil.test"] },
        forbids("evil.test", "C=CN, O=Acme, CN=Root"),
      ],
      [
        "a common name that reads as such a DNS name",
        { commonName: "evil.test" },
        none,
        forbids("evil.test", "C=CN, O=Acme, CN=Root"),
      ],
    ])("refuses %s", async (_, subject, names, sentence) => {
      expect(await refusalOf(() => check(issuer, subject, 24, names))).toBe(sentence);
    });
  });

  it.each<[string, Subject]>([
    ["country", { ...rootSubject, country: "DE" }],
    ["province", { ...rootSubject, province: "x" }],
    ["locality", { ...rootSubject, locality: "x" }],
    ["organization", { ...rootSubject, organization: "x" }],
    ["organizationalUnit", { ...rootSubject, organizationalUnit: "x" }],
    ["commonName", { ...rootSubject, commonName: "root" }],
  ])("takes a name that differs in its %s only", async (_, subject) => {
    await declared(() => check(lower, subject, 24));
  });
});
