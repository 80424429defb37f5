import type * as pulumi from "@pulumi/pulumi";

import type { CertificateInputs } from "../resources/certificate.ts";
import { constraintProblems, type NameConstraints } from "../rules/name-constraints.ts";
import type { CertificateArgs, IssuerArgs } from "./certificate-args.ts";
import { refuse } from "./refusal.ts";

/** Arguments that roots and intermediates have in common. */
export interface CaArgs extends CertificateArgs, IssuerArgs {
  /**
   * Which names it and every CA below it may certify, with a critical extension (RFC 5280, 4.2.1.10): who trusts it need
   * not fear for other names.
   *
   * @default - all that the CAs above may
   */
  nameConstraints?: NameConstraints;
}

/** What a root and an intermediate may do: sign certificates and revocation lists (RFC 5280, 4.2.1.3). */
export const CA_KEY_USAGES = ["keyCertSign", "cRLSign"];

/** What the certificates of all CAs say alike. */
export const CA_CERTIFICATE = {
  isCa: true,
  keyUsages: CA_KEY_USAGES,
  extendedKeyUsages: [],
  dnsNames: [],
  ipAddresses: [],
} satisfies Partial<CertificateInputs>;

/** Refuses constraints of which an entry is none. */
export function checkedConstraints(ca: pulumi.Resource, constraints?: NameConstraints): NameConstraints | undefined {
  const [problem] = constraints ? constraintProblems(constraints) : [];
  if (problem) refuse(ca, `'nameConstraints.${problem.property}' ${problem.reason}`);
  return constraints;
}
