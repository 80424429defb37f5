import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { type Started, startVerifiers, type VerifierName, VERIFIERS } from "../../verifiers/all.ts";
import { ACCEPTED, type Verification, type Verifier } from "../../verifiers/verifier.ts";
import { QUICK_KEY_ALGORITHMS } from "../keys.ts";
import { about, faultyChains, rootCa, server, soundChains } from "./chains.ts";
import { type Fault, REFUSALS, UNKNOWN_KEYS, type Verdict } from "./verdicts.ts";

let verifiers: Started<VerifierName, Verifier>;
beforeAll(async () => void (verifiers = await startVerifiers()));
afterAll(() => verifiers.stop());

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
    const root = await rootCa({ validity: { notBefore: from, notAfter: to } });
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
