import * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../resources/subject.ts";
import { refuse } from "./refusal.ts";

/** Anything that can sign a certificate: a `RootCA` or an `IntermediateCA`. */
export interface Issuer {
  /** Distinguished name of this CA. */
  readonly subject: Subject;
  /** The CA above. Undefined for a root. */
  readonly issuer: Issuer | undefined;
  /** Certificate of this CA alone, PEM. */
  readonly certPem: pulumi.Output<string>;
  /** What a holder of a certificate from this CA must send after it: every CA below the root, PEM. */
  readonly chainPem: pulumi.Output<string>;
  /** Signing key, PEM (PKCS#8). Always a secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** Lifetime of the certificate, in hours. */
  readonly validityPeriodHours: number;
  /** How many CAs may follow below this one. Undefined: no limit. */
  readonly maxPathLength: number | undefined;
}

/** The root above a CA: what a verifier must trust. */
export function rootOf(ca: Issuer): Issuer {
  return ca.issuer ? rootOf(ca.issuer) : ca;
}

/** Number of CAs between a certificate that this CA signs and the root: nginx's `ssl_verify_depth`. */
export function intermediatesBelowRoot(ca: Issuer): number {
  return ca.issuer ? intermediatesBelowRoot(ca.issuer) + 1 : 0;
}

/** Refuses a child that its issuer cannot have. Returns nothing: it throws. */
export function checkChild(
  child: pulumi.Resource,
  { issuer, subject, validityPeriodHours }: { issuer: Issuer; subject: Subject; validityPeriodHours: number },
): void {
  if (validityPeriodHours >= issuer.validityPeriodHours) {
    refuse(
      child,
      `'validityPeriodHours' must be less than the issuer's ${issuer.validityPeriodHours}, ` +
        `got ${validityPeriodHours}: lower it, or raise the issuer's`,
    );
  }
  // With the same name a verifier takes the child for self-signed (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT).
  for (let ca: Issuer | undefined = issuer; ca; ca = ca.issuer) {
    if (textOf(ca.subject) === textOf(subject)) {
      refuse(child, `'subject' must differ from every CA's above it, got ${textOf(subject)} again: change commonName`);
    }
  }
}

function textOf(subject: Subject): string {
  const { country, province, locality, organization, organizationalUnit, commonName } = subject;
  return Object.entries({ C: country, ST: province, L: locality, O: organization, OU: organizationalUnit })
    .filter(([, value]) => value)
    .concat([["CN", commonName]])
    .map(([type, value]) => `${type}=${value}`)
    .join(", ");
}
