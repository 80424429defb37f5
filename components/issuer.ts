import * as pulumi from "@pulumi/pulumi";

import type { CertificateInputs } from "../resources/certificate.ts";
import type { Subject } from "../resources/subject.ts";
import { type CertifiedNames, forbiddenName, type NameConstraints } from "../rules/name-constraints.ts";
import type { IssuerArgs } from "./certificate-args.ts";
import { refuse } from "./refusal.ts";

/** Anything that can sign a certificate: a `RootCA` or an `IntermediateCA`. */
export interface Issuer extends Readonly<IssuerArgs> {
  /** Name of the component. */
  readonly name: string;
  /** Distinguished name of this CA. */
  readonly subject: Subject;
  /** The CA above. Undefined for a root. */
  readonly issuer: Issuer | undefined;
  /** Certificate of this CA alone, PEM. */
  readonly certPem: pulumi.Output<string>;
  /** What a holder of a certificate from this CA must send after it: every CA below the root, PEM. */
  readonly chainPem: pulumi.Output<string>;
  /** Upper-case hexadecimal. */
  readonly serialNumber: pulumi.Output<string>;
  /** Signing key, PEM (PKCS#8). Always a secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** Lifetime of the certificate, in hours. */
  readonly validityPeriodHours: number;
  /** How many CAs may follow below this one. Undefined: no limit. */
  readonly maxPathLength: number | undefined;
  /** Which names this CA and those below it may certify. Undefined: all that the CAs above may. */
  readonly nameConstraints: NameConstraints | undefined;
}

/** What is asked of a CA. */
interface Child {
  subject: Subject;
  validityPeriodHours: number;
  /** Left out for a CA: name constraints do not bind its own name. */
  names?: Omit<CertifiedNames, "commonName">;
}

/** A CA's chain from itself up to the root. */
export function chainOf(ca: Issuer): Issuer[] {
  return ca.issuer ? [ca, ...chainOf(ca.issuer)] : [ca];
}

/** The root above a CA: what a verifier must trust. */
export function rootOf(ca: Issuer): Issuer {
  return chainOf(ca).at(-1)!;
}

/** Number of CAs between a certificate that this CA signs and the root: nginx's `ssl_verify_depth`. */
export function intermediatesBelowRoot(ca: Issuer): number {
  return chainOf(ca).length - 1;
}

/** The inputs by which a certificate names its issuer. */
export function signedBy(ca: Issuer) {
  const { certPem, privateKeyPem, crlDistributionPoints, caIssuers, ocspResponders } = ca;
  const urls = { crlDistributionPoints, caIssuers, ocspResponders };
  return { issuerCertPem: certPem, issuerPrivateKeyPem: privateKeyPem, ...urls } satisfies Partial<CertificateInputs>;
}

/** Refuses a child that its issuer cannot have. Returns nothing: it throws. */
export function checkChild(
  child: pulumi.Resource,
  issuer: Issuer,
  { subject, validityPeriodHours, names }: Child,
): void {
  if (validityPeriodHours >= issuer.validityPeriodHours) {
    refuse(
      child,
      `'validityPeriodHours' must be less than the issuer's ${issuer.validityPeriodHours}, ` +
        `got ${validityPeriodHours}: lower it, or raise the issuer's`,
    );
  }
  for (const ca of chainOf(issuer)) {
    // With the same name a verifier takes the child for self-signed (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT).
    if (textOf(ca.subject) === textOf(subject)) {
      refuse(child, `'subject' must differ from every CA's above it, got ${textOf(subject)} again: change commonName`);
    }
    const { commonName } = subject;
    const forbidden = names && ca.nameConstraints && forbiddenName(ca.nameConstraints, { commonName, ...names });
    if (forbidden !== undefined) {
      refuse(
        child,
        `'${forbidden}' is forbidden by the name constraints of ${textOf(ca.subject)}: choose another name, or ` +
          "widen 'nameConstraints' there",
      );
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
