import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { issue } from "../../provider/x509/issue.ts";
import type { CertificateRequest } from "../../provider/x509/request.ts";
import {
  type CertifiedNames,
  constraintProblems,
  forbiddenName,
  type NameConstraints,
} from "../../rules/name-constraints.ts";
import { verifyStrictly } from "../openssl.ts";
import { keyPair } from "../provider/keys.ts";

const NO_NAMES: CertifiedNames = { commonName: "x", dnsNames: [], ipAddresses: [], emailAddresses: [] };

const dns = (...dnsNames: string[]): Partial<CertifiedNames> => ({ dnsNames });
const ip = (...ipAddresses: string[]): Partial<CertifiedNames> => ({ ipAddresses });
const email = (...emailAddresses: string[]): Partial<CertifiedNames> => ({ emailAddresses });
const cn = (commonName: string): Partial<CertifiedNames> => ({ commonName });

const DOMAIN: NameConstraints = { permitted: { dnsNames: ["lab.test"] } };
const NOT_DOMAIN: NameConstraints = { excluded: { dnsNames: ["lab.test"] } };
const BELOW: NameConstraints = { permitted: { dnsNames: [".lab.test"] } }; // as other CAs write it
const NETWORKS: NameConstraints = { permitted: { ipRanges: ["192.0.2.0/24", "2001:db8::/33"] } };
const ODD_NETWORK: NameConstraints = { permitted: { ipRanges: ["192.0.2.77/28"] } };
const NO_ADDRESS: NameConstraints = { excluded: { ipRanges: ["0.0.0.0/0", "::/0"] } };
const NO_IPV4: NameConstraints = { excluded: { ipRanges: ["0.0.0.0/0"] } };
const MAILBOX: NameConstraints = { permitted: { emailAddresses: ["alice@lab.test"] } };
const NOT_MAILBOX: NameConstraints = { excluded: { emailAddresses: ["alice@lab.test"] } };
const HOST: NameConstraints = { permitted: { emailAddresses: ["lab.test"] } };
const HOSTS_BELOW: NameConstraints = { permitted: { emailAddresses: [".lab.test"] } };
const HOLE: NameConstraints = { permitted: { dnsNames: ["lab.test"] }, excluded: { dnsNames: ["secret.lab.test"] } };
const TWO: NameConstraints = { permitted: { dnsNames: ["a.test", "b.test"] } };
const EMPTY_LISTS: NameConstraints = {
  permitted: { dnsNames: [], ipRanges: [], emailAddresses: ["lab.test"] },
  excluded: { dnsNames: [] },
};

/** Constraints, the names of a certificate below, and the name that must be forbidden. */
const CASES: [NameConstraints, Partial<CertifiedNames>, string | undefined][] = [
  [DOMAIN, dns("lab.test"), undefined],
  [DOMAIN, dns("www.lab.test", "a.b.LAB.Test"), undefined],
  [DOMAIN, dns("*.lab.test"), undefined],
  [DOMAIN, dns("lab.test", "evil.test"), "evil.test"],
  [DOMAIN, dns("evil-lab.test"), "evil-lab.test"],
  [DOMAIN, dns("lab.test.evil"), "lab.test.evil"],
  [DOMAIN, dns("test"), "test"],
  [DOMAIN, dns("*.test"), "*.test"],
  [NOT_DOMAIN, dns("lab.test"), "lab.test"],
  [NOT_DOMAIN, dns("www.LAB.test"), "www.LAB.test"],
  [NOT_DOMAIN, dns("*.lab.test"), "*.lab.test"],
  [NOT_DOMAIN, dns("evil-lab.test", "test"), undefined],
  [HOLE, dns("www.lab.test"), undefined],
  [HOLE, dns("secret.lab.test"), "secret.lab.test"],
  [HOLE, dns("a.secret.lab.test"), "a.secret.lab.test"],
  [TWO, dns("x.a.test", "b.test"), undefined],
  [TWO, dns("x.a.test", "c.test"), "c.test"],
  [BELOW, dns("www.lab.test"), undefined],
  [BELOW, dns("*.lab.test"), undefined],
  [BELOW, dns("lab.test"), "lab.test"],
  [BELOW, dns("evil-lab.test"), "evil-lab.test"],
  [{ excluded: { dnsNames: [""] } }, dns("any.test"), "any.test"],
  [{ excluded: { dnsNames: [""] } }, cn("any.test"), "any.test"],
  // A kind of name that is not spoken of is free.
  [DOMAIN, { ...ip("192.0.2.1"), ...email("a@evil.test") }, undefined],
  [NETWORKS, { ...dns("evil.test"), ...email("a@evil.test") }, undefined],
  [EMPTY_LISTS, { ...dns("any.test"), ...ip("192.0.2.1"), ...email("a@lab.test") }, undefined],
  [EMPTY_LISTS, email("a@evil.test"), "a@evil.test"],
  // Without a DNS name a common name counts, if it has the form of one.
  [DOMAIN, cn("www.lab.test"), undefined],
  [DOMAIN, cn("www.evil.test"), "www.evil.test"],
  [DOMAIN, cn("a_b.evil.test"), "a_b.evil.test"],
  [DOMAIN, cn("1.2"), "1.2"],
  [DOMAIN, cn("alice"), undefined],
  [DOMAIN, cn("alice@evil.test"), undefined],
  [DOMAIN, cn("evil.test "), undefined],
  [DOMAIN, cn("*.evil.test"), undefined],
  [DOMAIN, cn("-a.evil.test"), undefined],
  [DOMAIN, cn("a-.evil.test"), undefined],
  [DOMAIN, cn("a.-evil.test"), undefined],
  [DOMAIN, cn("evil.test."), undefined],
  [DOMAIN, cn("evil..test"), undefined],
  [DOMAIN, { ...cn("www.evil.test"), ...dns("lab.test") }, undefined],
  [DOMAIN, { ...cn("www.evil.test"), ...email("a@lab.test") }, "www.evil.test"],
  [NOT_DOMAIN, cn("www.lab.test"), "www.lab.test"],
  [NOT_DOMAIN, cn("alice"), undefined],
  [NETWORKS, cn("www.evil.test"), undefined],
  [NETWORKS, ip("192.0.2.0", "192.0.2.255", "2001:db8::1", "2001:db8:7fff:ffff::"), undefined],
  [NETWORKS, ip("192.0.2.1", "192.0.3.0"), "192.0.3.0"],
  [NETWORKS, ip("192.0.1.255"), "192.0.1.255"],
  [NETWORKS, ip("2001:db8:8000::"), "2001:db8:8000::"],
  [NETWORKS, ip("::ffff:192.0.2.1"), "::ffff:192.0.2.1"],
  [ODD_NETWORK, ip("192.0.2.64", "192.0.2.79"), undefined],
  [ODD_NETWORK, ip("192.0.2.80"), "192.0.2.80"],
  [NO_ADDRESS, ip("192.0.2.1"), "192.0.2.1"],
  [NO_ADDRESS, ip("::1"), "::1"],
  [NO_ADDRESS, dns("any.test"), undefined],
  [NO_IPV4, ip("::ffff:192.0.2.1"), undefined],
  [MAILBOX, email("alice@lab.test", "alice@LAB.test"), undefined],
  [MAILBOX, email("Alice@lab.test"), "Alice@lab.test"],
  [MAILBOX, email("bob@lab.test"), "bob@lab.test"],
  [NOT_MAILBOX, email("alice@LAB.test"), "alice@LAB.test"],
  [NOT_MAILBOX, email("bob@lab.test"), undefined],
  [HOST, email("a@lab.test", "b@LAB.test"), undefined],
  [HOST, email("a@www.lab.test"), "a@www.lab.test"],
  [HOSTS_BELOW, email("a@www.lab.test", "a@a.b.lab.test"), undefined],
  [HOSTS_BELOW, email("a@lab.test"), "a@lab.test"],
  [HOSTS_BELOW, email("a@evil-lab.test"), "a@evil-lab.test"],
];

describe("forbiddenName", () => {
  it.each(CASES)("below %j is, of %j, %s", (constraints, names, forbidden) => {
    expect(forbiddenName(constraints, { ...NO_NAMES, ...names })).toBe(forbidden);
  });

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));

  it("is none below a permitted domain, and every name below an excluded one", () => {
    fc.assert(
      fc.property(domain, fc.array(label, { maxLength: 3 }), fc.boolean(), (parent, labels, isWildcard) => {
        const name = [...(isWildcard ? ["*"] : []), ...labels, parent].join(".");
        const names = { ...NO_NAMES, ...dns(name.toUpperCase()) };
        expect(forbiddenName({ permitted: { dnsNames: [parent] } }, names)).toBeUndefined();
        expect(forbiddenName({ excluded: { dnsNames: [parent] } }, names)).toBe(name.toUpperCase());
        expect(forbiddenName({ permitted: { dnsNames: [parent] }, excluded: { dnsNames: [parent] } }, names)).toBe(
          name.toUpperCase(),
        );
      }),
    );
  });

  it.each([
    ["*.LAB.test", "secret.lab.test"],
    ["*.lab.test", "secret.LAB.test"],
  ])("is the wildcard %s, which stands for the excluded %s too, in capitals or not", (name, excluded) => {
    const constraints = { excluded: { dnsNames: [excluded] } };
    expect(forbiddenName(constraints, { ...NO_NAMES, ...dns(name) })).toBe(name);
  });

  it("is every name that only ends in the letters of a permitted domain", () => {
    fc.assert(
      fc.property(domain, label, (parent, letters) => {
        const name = `${letters}${parent}`;
        const constraints = { permitted: { dnsNames: [parent] } };
        expect(forbiddenName(constraints, { ...NO_NAMES, ...dns(name) })).toBe(name);
      }),
    );
  });

  it("is every address that differs in one of the bits of a network, and no other", () => {
    const bits = (length: number) => fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length });
    const text = (all: number[]) => {
      const width = all.length === 32 ? 8 : 16;
      const groups = Array.from({ length: all.length / width }, (_, group) =>
        parseInt(all.slice(group * width, (group + 1) * width).join(""), 2),
      );
      return width === 8 ? groups.join(".") : groups.map((group) => group.toString(16)).join(":");
    };
    fc.assert(
      fc.property(fc.constantFrom(32, 128).chain(bits), fc.nat(128), fc.nat(127), (network, most, flipped) => {
        const length = Math.min(most, network.length);
        const position = flipped % network.length;
        const address = text(network.map((bit, index) => (index === position ? 1 - bit : bit)));
        const constraints = { permitted: { ipRanges: [`${text(network)}/${length}`] } };
        expect(forbiddenName(constraints, { ...NO_NAMES, ...ip(address) })).toBe(
          position < length ? address : undefined,
        );
      }),
    );
  });
});

describe("OpenSSL", () => {
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const blank = { extendedKeyUsages: [], dnsNames: [], ipAddresses: [] };
  const key = keyPair();

  /** Whether OpenSSL takes a certificate with these names below a CA with these constraints. */
  async function takes(nameConstraints: NameConstraints, names: Partial<CertifiedNames>): Promise<boolean> {
    const { publicKeyPem, privateKeyPem } = key;
    const ca: CertificateRequest = {
      ...{ ...blank, publicKeyPem, nameConstraints },
      ...{ subject: { commonName: "CA" }, isCa: true, keyUsages: ["keyCertSign"] },
    };
    const certPem = await issue(ca, { privateKeyPem }, validity);
    const { commonName, ...altNames } = { ...NO_NAMES, ...names };
    const leaf: CertificateRequest = {
      ...{ ...blank, publicKeyPem, ...altNames, dnsNames: [...altNames.dnsNames] },
      ...{ ipAddresses: [...altNames.ipAddresses], emailAddresses: [...altNames.emailAddresses] },
      ...{ subject: { commonName }, isCa: false, keyUsages: ["digitalSignature"] },
    };
    try {
      verifyStrictly(certPem, [await issue(leaf, { privateKeyPem, certPem }, validity)]);
      return true;
    } catch (error) {
      expect((error as Error).message).toMatch(/(permitted|excluded) subtree violation/);
      return false;
    }
  }

  it.each(CASES)("below %j says the same of %j", async (constraints, names, forbidden) => {
    expect(await takes(constraints, names)).toBe(forbidden === undefined);
  });
});

describe("constraintProblems", () => {
  it.each<NameConstraints>([
    { permitted: { dnsNames: ["lab.test", "localhost"], ipRanges: ["192.0.2.0/24", "::/0"] } },
    { excluded: { emailAddresses: ["a@lab.test", "lab.test", ".lab.test"] } },
    { permitted: { dnsNames: [] }, excluded: { ipRanges: ["::1/128"] } },
  ])("are none in %j", (constraints) => {
    expect(constraintProblems(constraints)).toEqual([]);
  });

  const DNS = "must be a DNS name without a wildcard, got";
  const RANGE = "must be a network like 192.0.2.0/24, got";
  const MAIL = "must be a mailbox, a host, or hosts below like .lab.test, got";

  it.each<[NameConstraints, string, string]>([
    [{ permitted: { dnsNames: ["*.lab.test"] } }, "permitted.dnsNames[0]", `${DNS} '*.lab.test'`],
    [{ permitted: { dnsNames: ["lab.test", ".lab.test"] } }, "permitted.dnsNames[1]", `${DNS} '.lab.test'`],
    [{ excluded: { dnsNames: [""] } }, "excluded.dnsNames[0]", `${DNS} ''`],
    [{ permitted: { dnsNames: ["192.0.2.1"] } }, "permitted.dnsNames[0]", `${DNS} '192.0.2.1'`],
    [{ permitted: { ipRanges: ["192.0.2.1"] } }, "permitted.ipRanges[0]", `${RANGE} '192.0.2.1'`],
    [{ excluded: { ipRanges: ["::/0", "::/129"] } }, "excluded.ipRanges[1]", `${RANGE} '::/129'`],
    [{ excluded: { emailAddresses: ["@lab.test"] } }, "excluded.emailAddresses[0]", `${MAIL} '@lab.test'`],
    [{ permitted: { emailAddresses: ["..lab.test"] } }, "permitted.emailAddresses[0]", `${MAIL} '..lab.test'`],
  ])("finds one in %j", (constraints, property, reason) => {
    expect(constraintProblems(constraints)).toEqual([{ property, reason }]);
  });

  it("finds each, the permitted ones first", () => {
    const wrong = { dnsNames: ["*"], ipRanges: ["x"], emailAddresses: ["@"] };
    const properties = constraintProblems({ excluded: wrong, permitted: wrong }).map(({ property }) => property);

    const kinds = ["dnsNames[0]", "ipRanges[0]", "emailAddresses[0]"];
    expect(properties).toEqual(["permitted", "excluded"].flatMap((side) => kinds.map((kind) => `${side}.${kind}`)));
  });

  it.each<NameConstraints>([{}, { permitted: {} }, { permitted: { dnsNames: [] }, excluded: { ipRanges: [] } }])(
    "finds that %j constrains nothing, which a CA must not write",
    (constraints) => {
      expect(constraintProblems(constraints)).toEqual([
        {
          property: "permitted",
          reason: "or 'excluded' must have an entry (RFC 5280, 4.2.1.10): leave nameConstraints out for no limit",
        },
      ]);
    },
  );
});
