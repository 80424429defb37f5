import { describe, expect, it } from "@jest/globals";

import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { RootCA } from "../../components/root-ca.ts";
import type { NameConstraints } from "../../rules/name-constraints.ts";
import { declared, inspect, refusalOf } from "../mocks.ts";

const subject = { commonName: "Acme CA" };

/** Each kind of CA whose certificate is made here. */
const KINDS = {
  RootCA: (nameConstraints: NameConstraints) => new RootCA("ca", { subject, nameConstraints }),
  IntermediateCA: (nameConstraints: NameConstraints) => {
    const issuer = new RootCA("above", { subject: { commonName: "Acme Root CA" } });
    return new IntermediateCA("ca", { issuer, subject, nameConstraints });
  },
};

describe.each(Object.entries(KINDS))("%s", (_, make) => {
  it("says which names it may certify", async () => {
    const nameConstraints = { permitted: { dnsNames: ["lab.test"] }, excluded: { ipRanges: ["::/0"] } };
    const ca = await declared(() => make(nameConstraints));

    expect(inspect("ca-cert").inputs.nameConstraints).toEqual(nameConstraints);
    expect(ca.nameConstraints).toEqual(nameConstraints);
  });

  it.each<[NameConstraints, string]>([
    [
      { permitted: { dnsNames: ["lab.test", "*.lab.test"] } },
      "'nameConstraints.permitted.dnsNames[1]' must be a DNS name without a wildcard, got '*.lab.test'",
    ],
    [
      { excluded: { ipRanges: ["192.0.2.0"] } },
      "'nameConstraints.excluded.ipRanges[0]' must be a network like 192.0.2.0/24, got '192.0.2.0'",
    ],
    [
      { permitted: { emailAddresses: ["alice@"] } },
      "'nameConstraints.permitted.emailAddresses[0]' must be a mailbox, a host, or hosts below like .lab.test, got 'alice@'",
    ],
    [
      { permitted: { dnsNames: [] } },
      "'nameConstraints.permitted' or 'excluded' must have an entry (RFC 5280, 4.2.1.10): " +
        "leave nameConstraints out for no limit",
    ],
  ])("refuses the name constraints %j", async (nameConstraints, sentence) => {
    expect(await refusalOf(() => make(nameConstraints))).toBe(sentence);
  });
});
