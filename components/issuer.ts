import * as pulumi from "@pulumi/pulumi";

import type { CertificateInputs } from "../resources/certificate.ts";
import { type CertifiedNames, forbiddenName, type NameConstraints } from "../rules/name-constraints.ts";
import { attributesOf, type Subject } from "../rules/subject.ts";
import type { IssuerArgs } from "./certificate-args.ts";
import { refuse } from "./refusal.ts";

/**
 * Anything that can sign a certificate: a `RootCA`, an `IntermediateCA`, or a CA that was certified elsewhere. Of such a one
 * much is known only from its certificate: there it is undefined, and the provider looks before it signs.
 */
export interface Issuer extends Readonly<IssuerArgs> {
  /** Name of the component. */
  readonly name: string;
  /** Distinguished name of this CA. Undefined: only its certificate says. */
  readonly subject: Subject | undefined;
  /** The same as text. Left out where `subject` is known. */
  readonly subjectText?: pulumi.Output<string>;
  /** The CA above. Undefined for a root. */
  readonly issuer: Issuer | undefined;
  /** Certificate of this CA alone, PEM. */
  readonly certPem: pulumi.Output<string>;
  /**
   * What a holder of a certificate from this CA must send after it: every CA below the root, and the certificate by which an
   * older root vouches for this one; PEM.
   */
  readonly chainPem: pulumi.Output<string>;
  /** Upper-case hexadecimal. */
  readonly serialNumber: pulumi.Output<string>;
  /** Signing key, PEM. Always a secret. Undefined: it is elsewhere, and this CA signs nothing new. */
  readonly privateKeyPem: pulumi.Output<string> | undefined;
  /** Lifetime of the certificate, in hours. Undefined: only its certificate says. */
  readonly validityPeriodHours: number | undefined;
  /** How many CAs may follow below this one. Undefined: no limit, or only its certificate says. */
  readonly maxPathLength: number | undefined;
  /** Which names this CA and those below it may certify. Undefined: all that the CAs above may, or as above. */
  readonly nameConstraints: NameConstraints | undefined;
  /** The revocation list that it gives out itself. Left out: it is made here. */
  readonly ownCrl?: OwnCrl;
}

/** A revocation list that was signed elsewhere. */
export interface OwnCrl {
  /** PEM, ending in a newline. */
  readonly crlPem: pulumi.Output<string>;
  /** When it lapses. ISO 8601, UTC. Undefined: it does not say. */
  readonly nextUpdate: pulumi.Output<string | undefined>;
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

/** The certificates of CAs, one after the other, PEM. */
export function bundleOf(cas: Issuer[]): pulumi.Output<string> {
  return pulumi.all(cas.map(({ certPem }) => certPem)).apply((pems) => pems.join(""));
}

/** The inputs by which a certificate names its issuer. */
export function signedBy(ca: Issuer) {
  const { certPem, privateKeyPem, crlDistributionPoints, caIssuers, ocspResponders } = ca;
  const [, ...above] = chainOf(ca);
  // What our own CAs forbid has been checked by `checkChild`.
  const isKnown = above.every(({ subject }) => subject !== undefined);
  return {
    issuerCertPem: certPem,
    issuerChainPem: isKnown ? undefined : bundleOf(above),
    issuerPrivateKeyPem: privateKeyPem,
    crlDistributionPoints,
    caIssuers,
    ocspResponders,
  } satisfies Partial<CertificateInputs>;
}

/** Refuses a child that its issuer cannot have. Returns nothing: it throws. */
export function checkChild(
  child: pulumi.Resource,
  issuer: Issuer,
  { subject, validityPeriodHours, names }: Child,
): void {
  if (issuer.validityPeriodHours !== undefined && validityPeriodHours >= issuer.validityPeriodHours) {
    refuse(
      child,
      `'validityPeriodHours' must be less than the issuer's ${issuer.validityPeriodHours}, ` +
        `got ${validityPeriodHours}: lower it, or raise the issuer's`,
    );
  }
  for (const ca of chainOf(issuer)) {
    if (!ca.subject) continue;
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
  return attributesOf(subject)
    .map(([type, value]) => `${type}=${value}`)
    .join(", ");
}
