import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { CA_KEY_USAGES } from "../../../components/ca.ts";
import { leafKeyUsages } from "../../../components/key.ts";
import type { KeyAlgorithm } from "../../../rules/key-algorithms.ts";
import { type CrlEntry, issueCrl } from "../../../provider/x509/crl.ts";
import type { KeyUsage } from "../../../provider/x509/request.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../../../rules/revocation-reasons.ts";
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
const daysLater = (count: number) => new Date(from.getTime() + count * 24 * 3_600_000);
const years = (count: number) => ({ validity: { notBefore: from, notAfter: daysLater(count * 365) } });

const CONSTRAINTS = {
  permitted: { dnsNames: ["lab.localhost"], emailAddresses: ["lab.localhost"], ipRanges: ["127.0.0.1/32", "::1/128"] },
  excluded: { dnsNames: ["secret.lab.localhost"] },
};
/** Everything that a certificate can say beyond what it must. */
const EXTRAS: Partial<IdentityRequest> = {
  crlDistributionPoints: ["http://pki.lab.localhost/ca.crl"],
  caIssuers: ["http://pki.lab.localhost/ca.crt"],
  ocspResponders: ["http://pki.lab.localhost/ocsp"],
  extensions: [{ oid: "1.3.6.1.4.1.32473.1", valueBase64: "DANsYWI=" }],
};

/** Certificates and CRLs of the lab, as stack dev declares them, and some that say all they can: each with its issuer's. */
async function labDocuments(algorithm: KeyAlgorithm): Promise<[pem: string, issuerPem: string][]> {
  const ca = { isCa: true, keyUsages: CA_KEY_USAGES as KeyUsage[], extendedKeyUsages: [], keyAlgorithm: algorithm };
  const leaf = (purpose: "serverAuth" | "clientAuth") => {
    return { keyUsages: leafKeyUsages(algorithm, purpose) as KeyUsage[], keyAlgorithm: algorithm, ...years(1) };
  };
  const named = (commonName: string) => ({ subject: { organization: "Jack-GM", commonName } });
  const pairs: [string, string][] = [];
  const make = async (request: IdentityRequest, issuer?: Identity) => {
    const made = await identity(request, issuer);
    pairs.push([made.certPem, (issuer ?? made).certPem]);
    return made;
  };
  const addCrl = async (issuer: Identity, entries: CrlEntry[]) => {
    const request = { number: 1, thisUpdate: from, nextUpdate: daysLater(90), entries };
    pairs.push([await issueCrl(request, issuer), issuer.certPem]);
  };
  const names = { dnsNames: ["*.lab.localhost", "lab.localhost"], ipAddresses: ["127.0.0.1", "::1"] };
  const server = { ...leaf("serverAuth"), ...named("*.lab.localhost"), ...names, extendedKeyUsages: ["serverAuth"] };
  const root = await make({ ...ca, ...named("Jack-GM Root CA"), ...years(10), nameConstraints: CONSTRAINTS });
  const upper = await make({ ...ca, ...named("Jack-GM Policy CA"), ...years(7), maxPathLength: 1, ...EXTRAS }, root);
  const issuing = await make({ ...ca, ...named("Jack-GM Intermediate CA"), ...years(5), maxPathLength: 0 }, upper);
  await make(server, issuing);
  await make({ ...leaf("clientAuth"), ...named("alice") }, issuing);
  await make({ ...server, ...EXTRAS, uris: ["https://lab.localhost/"] }, issuing);
  const mailbox = { emailAddresses: ["bob@lab.localhost"], uris: ["spiffe://lab.localhost/bob"] };
  await make({ ...leaf("clientAuth"), ...named("bob"), ...EXTRAS, ...mailbox }, issuing);
  await addCrl(root, []);
  const reasons = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  const revokedAt = from.toISOString();
  await addCrl(
    issuing,
    reasons.map((reason, position) => ({
      serialNumber: `40${position.toString().padStart(30, "0")}`,
      reason,
      revokedAt,
    })),
  );
  return pairs;
}

let documents: [pem: string, issuerPem: string][];
beforeAll(async () => void (documents = (await Promise.all(QUICK_KEY_ALGORITHMS.map(labDocuments))).flat()));

it.each(LINTERS)("%s finds in our certificates and CRLs what is argued, and nothing else", async (linter) => {
  const found = new Set<string>();
  for (const [pem, issuerPem] of documents) {
    for (const { id } of await linters.by[linter].lint(pem, issuerPem)) found.add(id);
  }
  const argued = ACCEPTED_FINDINGS.filter((finding) => finding.linter === linter).map(({ id }) => id);
  expect([...found].sort()).toEqual(argued.sort());
});
