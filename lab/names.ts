/** Which names the lab's certificates have, and may have. Pure. */
import { isIP } from "node:net";

import type { LabConfig } from "../config.ts";
import type { NameConstraints } from "../rules/name-constraints.ts";
import type { Subject } from "../rules/subject.ts";

/** What the lab's roots may certify: so who trusts them need not fear for any other site. A root from a file says it itself. */
export function rootConstraints(config: LabConfig): NameConstraints | undefined {
  const { nameConstraints, rootCertFile, trustedRoots, domain, ipAddresses } = config;
  const makesRoot = rootCertFile === "" || trustedRoots.length > 1;
  if (!nameConstraints || !makesRoot) return undefined;
  const ipRanges = ipAddresses.map((address) => `${address}/${isIP(address) === 6 ? 128 : 32}`);
  const names = { dnsNames: [domain], emailAddresses: [domain] };
  // A kind of name that is not spoken of is not constrained.
  return ipRanges.length > 0
    ? { permitted: { ...names, ipRanges } }
    : { permitted: names, excluded: { ipRanges: ["0.0.0.0/0", "::/0"] } };
}

/** What the distinguished names of all the lab's certificates have in common. */
export function commonSubject(config: LabConfig): Omit<Subject, "commonName"> {
  const { country, province, locality, organization, organizationalUnit } = config;
  return { country, province, locality, organization, organizationalUnit };
}

/** The distinguished name of one of the lab's certificates. */
export function subjectOf(config: LabConfig, commonName: string): Subject {
  return { ...commonSubject(config), commonName };
}

/** Every client, each alone or of the fleet. */
export function clientNames({ clients, fleet }: LabConfig): string[] {
  return [...clients, ...fleet];
}
