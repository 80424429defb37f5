import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { leafKeyUsages } from "../../../components/key.ts";
import { CA_KEY_USAGES } from "../../../components/root-ca.ts";
import type { KeyAlgorithm } from "../../../components/key-algorithm.ts";
import type { KeyUsage } from "../../../provider/x509/request.ts";
import { type Identity, identity, type IdentityRequest } from "../../test-pki.ts";
import { type Started, startVerifiers, type VerifierName, VERIFIERS } from "../../verifiers/all.ts";
import { certificatesOf } from "../../verifiers/pem.ts";
import { ACCEPTED, type Verification, type Verifier } from "../../verifiers/verifier.ts";
import { QUICK_KEY_ALGORITHMS } from "../keys.ts";
import { type Fault, REFUSALS, UNKNOWN_KEYS, type Verdict } from "./verdicts.ts";

const CA = { isCa: true, keyUsages: CA_KEY_USAGES as KeyUsage[], extendedKeyUsages: [], toDay: 10 };
const SERVER = { extendedKeyUsages: ["serverAuth" as const], dnsNames: ["*.lab.test"], ipAddresses: ["192.0.2.1"] };

const named = (commonName: string) => ({ subject: { organization: "Jack-GM", commonName } });
const ca = (commonName: string, request: Partial<IdentityRequest> = {}, issuer?: Identity) =>
  identity({ ...CA, ...named(commonName), ...request }, issuer);
const server = (issuer: Identity, request: Partial<IdentityRequest> = {}) =>
  identity({ ...SERVER, ...named("web.lab.test"), ...request }, issuer);
const client = (issuer: Identity, request: Partial<IdentityRequest> = {}) =>
  identity({ ...named("alice"), ...request }, issuer);

/** A question about an identity whose chain leads to `root`. */
function about(holder: Identity, root: Identity, rest: Partial<Verification> = {}): Verification {
  return { chain: certificatesOf(holder.chainPem), root: root.certPem, purpose: "sslserver", ...rest };
}

let verifiers: Started<VerifierName, Verifier>;
beforeAll(async () => void (verifiers = await startVerifiers()));
afterAll(() => verifiers.stop());

/** Each kind of chain that the components make, with a question that it must pass. */
async function soundChains(algorithm: KeyAlgorithm): Promise<Record<string, Verification>> {
  const leaf = { algorithm, keyUsages: leafKeyUsages(algorithm) as KeyUsage[] };
  const root = await ca("Root CA", { algorithm });
  const only = await ca("Only CA", { algorithm, maxPathLength: 0 }, root);
  const upper = await ca("Upper CA", { algorithm, maxPathLength: 1 }, root);
  const lower = await ca("Lower CA", { algorithm, maxPathLength: 0 }, upper);
  const dnsNames = ["*.lab.test", "lab.test"];
  const ipAddresses = ["192.0.2.1", "2001:db8::1"];
  const web = await server(lower, { ...leaf, dnsNames, ipAddresses });
  return {
    "a server below the root": about(await server(root, leaf), root, { name: "web.lab.test" }),
    "a server below an intermediate": about(await server(only, leaf), root, { name: "web.lab.test" }),
    "a server below two intermediates, by its wildcard": about(web, root, { name: "web.lab.test" }),
    "… by its name": about(web, root, { name: "lab.test" }),
    "… by its IPv4 address": about(web, root, { name: "192.0.2.1" }),
    "… by its IPv6 address": about(web, root, { name: "2001:db8::1" }),
    "a client below the root": about(await client(root, leaf), root, { purpose: "sslclient" }),
    "a client below an intermediate": about(await client(only, leaf), root, { purpose: "sslclient" }),
    "a client below two intermediates": about(await client(lower, leaf), root, { purpose: "sslclient" }),
  };
}

describe.each(QUICK_KEY_ALGORITHMS)("every kind of chain of %s keys", (algorithm) => {
  let chains: Record<string, Verification>;
  beforeAll(async () => void (chains = await soundChains(algorithm)));

  it.each(VERIFIERS)("is taken by %s, if it knows such keys", async (verifier) => {
    const unknown = UNKNOWN_KEYS[verifier]?.[algorithm];
    const expected = unknown === undefined ? ACCEPTED : { accepted: false, reason: expect.stringMatching(unknown) };
    for (const [kind, question] of Object.entries(chains)) {
      expect({ kind, ...(await verifiers.by[verifier].verify(question)) }).toEqual({ kind, ...expected });
    }
  });
});

/** Chains with one fault each. */
async function faultyChains(): Promise<Record<Fault, Verification>> {
  const root = await ca("Root CA");
  const issuing = await ca("Issuing CA", { maxPathLength: 0 }, root);
  const tooDeep = await ca("Too deep CA", {}, issuing);
  const expired = await ca("Expired CA", { fromDay: -4, toDay: -2 }, root);
  const noSigner = await ca("CRL CA", { keyUsages: ["cRLSign"] }, root);
  const noCa = await ca("No CA", { isCa: false }, root);
  const web = await server(issuing);
  const alice = await client(issuing);
  const asked = (name: string) => about(web, root, { name });
  const [leafAlone] = certificatesOf(web.chainPem);
  return {
    "more CAs than the path length allows": about(await server(tooDeep), root),
    "a leaf that has expired": about(await server(issuing, { fromDay: -4, toDay: -2 }), root),
    "an intermediate that has expired": about(await server(expired), root),
    "a leaf that is not valid yet": about(await server(issuing, { fromDay: 2, toDay: 4 }), root),
    "a client's certificate for a server": about(alice, root, { purpose: "sslserver" }),
    "a server's certificate for a client": about(web, root, { purpose: "sslclient" }),
    "a CA that may not sign certificates": about(await server(noSigner), root),
    "an issuer that is no CA": about(await server(noCa), root),
    "a chain without its intermediate": { ...about(web, root), chain: [leafAlone!] },
    "a root that nobody trusts": about(web, await ca("Other Root CA")),
    "a root of the same name with another key": about(web, await ca("Root CA")),
    "another domain": asked("web.other.test"),
    "the bare domain of a wildcard": asked("lab.test"),
    "two labels for a wildcard": asked("a.b.lab.test"),
    "another address": asked("192.0.2.2"),
  };
}

describe("a chain with a fault", () => {
  let chains: Record<Fault, Verification>;
  beforeAll(async () => void (chains = await faultyChains()));

  describe.each(Object.keys(REFUSALS) as Fault[])("%s", (fault) => {
    for (const [verifier, verdict] of Object.entries(REFUSALS[fault]) as [VerifierName, Verdict][]) {
      const title = typeof verdict === "string" ? `is refused: ${verdict}` : `is taken: ${verdict.acceptsBecause}`;
      it(`by ${verifier} ${title}`, async () => {
        expect(await verifiers.by[verifier].verify(chains[fault])).toEqual(
          typeof verdict === "string" ? { accepted: false, reason: expect.stringContaining(verdict) } : ACCEPTED,
        );
      });
    }
  });
});

describe("a certificate's first and last second", () => {
  const [from, to] = [new Date("2030-01-01T00:00:00Z"), new Date("2040-01-01T00:00:00Z")];
  const second = 1000;
  let question: Verification;
  beforeAll(async () => {
    const root = await ca("Root CA", { validity: { notBefore: from, notAfter: to } });
    question = about(await server(root, { validity: { notBefore: from, notAfter: to } }), root);
  });

  it.each([
    ["go", true],
    ["java", true],
    ["openssl", false], // its X509_cmp_time(3) knows no "equal"; RFC 5280, 4.1.2.5 includes the last second
  ] as const)("are told by %s: the first belongs to its life, the last: %p", async (verifier, last) => {
    const acceptedAt = async (time: number) =>
      (await verifiers.by[verifier].verify({ ...question, at: new Date(time) })).accepted;

    expect(await acceptedAt(from.getTime() - second)).toBe(false);
    expect(await acceptedAt(from.getTime())).toBe(true);
    expect(await acceptedAt(to.getTime() - second)).toBe(true);
    expect(await acceptedAt(to.getTime())).toBe(last);
    expect(await acceptedAt(to.getTime() + second)).toBe(false);
  });
});
