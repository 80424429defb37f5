import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { leafKeyUsages } from "../../../components/key.ts";
import type { KeyAlgorithm } from "../../../components/key-algorithm.ts";
import { CA_KEY_USAGES } from "../../../components/root-ca.ts";
import type { KeyUsage } from "../../../provider/x509/request.ts";
import { type Identity, identity, type IdentityRequest } from "../../test-pki.ts";
import { type LinterName, LINTERS, type Started, startLinters } from "../../verifiers/all.ts";
import type { Linter } from "../../verifiers/verifier.ts";
import { QUICK_KEY_ALGORITHMS } from "../keys.ts";
import { ACCEPTED_FINDINGS } from "./accepted-findings.ts";

let linters: Started<LinterName, Linter>;
beforeAll(async () => void (linters = await startLinters()));
afterAll(() => linters.stop());

// What is asked of a certificate depends on the day it was made.
const from = new Date("2026-10-01T00:00:00Z");
const years = (count: number) => ({
  validity: { notBefore: from, notAfter: new Date(from.getTime() + count * 365 * 24 * 3_600_000) },
});

/** The certificates of the lab, as stack dev declares them: each with its issuer's. */
async function labCertificates(algorithm: KeyAlgorithm): Promise<[pem: string, issuerPem: string][]> {
  const ca = { isCa: true, keyUsages: CA_KEY_USAGES as KeyUsage[], extendedKeyUsages: [], algorithm };
  const leaf = { keyUsages: leafKeyUsages(algorithm) as KeyUsage[], algorithm, ...years(1) };
  const named = (commonName: string) => ({ subject: { organization: "Jack-GM", commonName } });
  const pairs: [string, string][] = [];
  const make = async (request: IdentityRequest, issuer?: Identity) => {
    const made = await identity(request, issuer);
    pairs.push([made.certPem, (issuer ?? made).certPem]);
    return made;
  };
  const root = await make({ ...ca, ...named("Jack-GM Root CA"), ...years(10) });
  const upper = await make({ ...ca, ...named("Jack-GM Policy CA"), ...years(7), maxPathLength: 1 }, root);
  const issuing = await make({ ...ca, ...named("Jack-GM Intermediate CA"), ...years(5), maxPathLength: 0 }, upper);
  const names = { dnsNames: ["*.lab.localhost", "lab.localhost"], ipAddresses: ["127.0.0.1", "::1"] };
  await make({ ...leaf, ...named("*.lab.localhost"), ...names, extendedKeyUsages: ["serverAuth"] }, issuing);
  await make({ ...leaf, ...named("alice") }, issuing);
  return pairs;
}

let certificates: [pem: string, issuerPem: string][];
beforeAll(async () => void (certificates = (await Promise.all(QUICK_KEY_ALGORITHMS.map(labCertificates))).flat()));

it.each(LINTERS)("%s finds in our certificates what is argued, and nothing else", async (linter) => {
  const found = new Set<string>();
  for (const [pem, issuerPem] of certificates) {
    for (const { id } of await linters.by[linter].lint(pem, issuerPem)) found.add(id);
  }
  const argued = ACCEPTED_FINDINGS.filter((finding) => finding.linter === linter).map(({ id }) => id);
  expect([...found].sort()).toEqual(argued.sort());
});
