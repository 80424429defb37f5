import * as pulumi from "@pulumi/pulumi";

import { Certificate } from "../resources/certificate.ts";
import { defaultEarlyRenewalHours } from "../rules/lifetime.ts";
import type { NameConstraints } from "../rules/name-constraints.ts";
import type { Subject } from "../rules/subject.ts";
import { CA_CERTIFICATE, type CaArgs, checkedConstraints } from "./ca.ts";
import { asked } from "./certificate-args.ts";
import { checkChild, type Issuer, signedBy } from "./issuer.ts";
import { DEFAULT_KEY_ALGORITHM, privateKey } from "./key.ts";
import { refuse } from "./refusal.ts";

const DEFAULT_VALIDITY_HOURS = 10 * 365 * 24;
/** Long enough to tell everybody of the new root; it is renewed as long as the older root is there. */
const CROSS_VALIDITY_HOURS = 365 * 24;

/** Arguments of {@link RootCA}. */
export interface RootCAArgs extends CaArgs {
  /** Distinguished name. */
  subject: Subject;

  /**
   * Lifetime in hours, more than 0.
   *
   * @default 87600 (10 years)
   */
  validityPeriodHours?: number;

  /**
   * How many CAs may follow below this one (RFC 5280, 4.2.1.9).
   *
   * @default - no limit
   */
  maxPathLength?: number;

  /**
   * An older root that vouches for this one with a second certificate, of the same name and key: who trusts only the
   * older root can follow the chain to it. It is sent along, as an intermediate is.
   *
   * @default - who is to accept what is below must trust this root itself
   */
  crossSignedBy?: Issuer;
}

/**
 * A self-signed CA: the trust anchor of a private PKI.
 *
 * @example
 * const root = new RootCA("root", { subject: { commonName: "Lab Root CA" } });
 */
export class RootCA extends pulumi.ComponentResource implements Issuer {
  public readonly name: string;
  public readonly subject: Subject;
  public readonly issuer = undefined;
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly serialNumber: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly validityPeriodHours: number;
  public readonly maxPathLength: number | undefined;
  public readonly nameConstraints: NameConstraints | undefined;
  public readonly crlDistributionPoints: string[] | undefined;
  public readonly caIssuers: string[] | undefined;
  public readonly ocspResponders: string[] | undefined;

  constructor(name: string, args: RootCAArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mtls:index:RootCA", name, { subject: args.subject }, opts);

    this.name = name;
    this.subject = args.subject;
    this.validityPeriodHours = args.validityPeriodHours ?? DEFAULT_VALIDITY_HOURS;
    this.maxPathLength = args.maxPathLength;
    this.nameConstraints = checkedConstraints(this, args.nameConstraints);
    this.crlDistributionPoints = args.crlDistributionPoints;
    this.caIssuers = args.caIssuers;
    this.ocspResponders = args.ocspResponders;

    const key = privateKey(`${name}-key`, args.keyAlgorithm ?? DEFAULT_KEY_ALGORITHM, { parent: this });

    const cert = new Certificate(
      `${name}-cert`,
      {
        subject: args.subject,
        publicKeyPem: key.publicKeyPem,
        issuerPrivateKeyPem: key.privateKeyPemPkcs8,
        ...CA_CERTIFICATE,
        maxPathLength: args.maxPathLength,
        nameConstraints: args.nameConstraints,
        validityPeriodHours: this.validityPeriodHours,
        // A root that changes by itself would lock out everybody who trusts it: it is replaced after its end only.
        earlyRenewalHours: 0,
        ...asked(args),
      },
      { parent: this },
    );

    this.certPem = cert.certPem;
    this.chainPem = args.crossSignedBy
      ? this.crossSigned(args, args.crossSignedBy, key.publicKeyPem)
      : pulumi.output("");
    this.serialNumber = cert.serialNumber;
    this.privateKeyPem = pulumi.secret(key.privateKeyPemPkcs8);

    this.registerOutputs({ certPem: this.certPem });
  }

  /** The certificate that the older root gives this one, and what is to be sent after it. */
  private crossSigned(args: RootCAArgs, older: Issuer, publicKeyPem: pulumi.Output<string>): pulumi.Output<string> {
    const validityPeriodHours = Math.min(CROSS_VALIDITY_HOURS, (older.validityPeriodHours ?? Infinity) / 2);
    checkChild(this, older, { subject: args.subject, validityPeriodHours });
    const maxPathLength = pathLengthBelow(this, older, args.maxPathLength);
    const { certPem } = new Certificate(
      `${this.name}-cross`,
      {
        subject: args.subject,
        publicKeyPem,
        ...signedBy(older),
        ...CA_CERTIFICATE,
        maxPathLength,
        nameConstraints: args.nameConstraints,
        validityPeriodHours,
        earlyRenewalHours: defaultEarlyRenewalHours(validityPeriodHours),
      },
      { parent: this, protect: false }, // it is renewed and, in the end, dropped
    );
    return pulumi.interpolate`${certPem}${older.chainPem}`;
  }
}

/** What a root may have below it where an older one with a limit vouches for it. */
function pathLengthBelow(root: pulumi.Resource, older: Issuer, own: number | undefined): number | undefined {
  const limit = older.maxPathLength;
  if (limit === undefined) return own;
  if (limit === 0) refuse(root, "'crossSignedBy' has maxPathLength 0: it may vouch for no other CA");
  return Math.min(limit - 1, own ?? limit - 1);
}
