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

const DEFAULT_VALIDITY_HOURS = 5 * 365 * 24;

/** Arguments of {@link IntermediateCA}. */
export interface IntermediateCAArgs extends CaArgs {
  /** The CA that signs this one: a `RootCA`, or another `IntermediateCA`. */
  issuer: Issuer;

  /** Distinguished name. Must differ from every CA's above. */
  subject: Subject;

  /**
   * Lifetime in hours. Must be shorter than the issuer's.
   *
   * @default 43800 (5 years)
   */
  validityPeriodHours?: number;

  /**
   * The first update in the last so many hours of its life renews it, with the same key.
   *
   * @default - a third of its lifetime, at most 720 (30 days)
   */
  earlyRenewalHours?: number;

  /**
   * How many further CAs may sit below this one (RFC 5280, 4.2.1.9).
   *
   * @default 0 - it signs leaf certificates only
   */
  maxPathLength?: number;
}

/**
 * A CA signed by another CA, so that the root key is needed once, to create it.
 *
 * @example
 * const issuing = new IntermediateCA("issuing", { issuer: root, subject: { commonName: "Lab Issuing CA 1" } });
 * new ServerCert("web", { issuer: issuing, dnsNames: ["web.lab.test"] });
 */
export class IntermediateCA extends pulumi.ComponentResource implements Issuer {
  public readonly name: string;
  public readonly subject: Subject;
  public readonly issuer: Issuer;
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly serialNumber: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly validityPeriodHours: number;
  public readonly maxPathLength: number;
  public readonly nameConstraints: NameConstraints | undefined;
  public readonly crlDistributionPoints: string[] | undefined;
  public readonly caIssuers: string[] | undefined;
  public readonly ocspResponders: string[] | undefined;

  constructor(name: string, args: IntermediateCAArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuer`: it holds a private key.
    super("mtls:index:IntermediateCA", name, { subject: args.subject }, opts);

    this.name = name;
    this.issuer = args.issuer;
    this.subject = args.subject;
    this.validityPeriodHours = args.validityPeriodHours ?? DEFAULT_VALIDITY_HOURS;
    this.maxPathLength = args.maxPathLength ?? 0;
    this.nameConstraints = checkedConstraints(this, args.nameConstraints);
    this.crlDistributionPoints = args.crlDistributionPoints;
    this.caIssuers = args.caIssuers;
    this.ocspResponders = args.ocspResponders;
    checkChild(this, args.issuer, this);
    if (args.issuer.maxPathLength !== undefined && this.maxPathLength >= args.issuer.maxPathLength) {
      refuse(
        this,
        `'maxPathLength' must be less than the issuer's ${args.issuer.maxPathLength}, got ${this.maxPathLength}: ` +
          "raise the issuer's",
      );
    }

    const key = privateKey(`${name}-key`, args.keyAlgorithm ?? DEFAULT_KEY_ALGORITHM, { parent: this });

    const cert = new Certificate(
      `${name}-cert`,
      {
        subject: args.subject,
        publicKeyPem: key.publicKeyPem,
        ...signedBy(args.issuer),
        ...CA_CERTIFICATE,
        maxPathLength: this.maxPathLength,
        nameConstraints: args.nameConstraints,
        validityPeriodHours: this.validityPeriodHours,
        earlyRenewalHours: args.earlyRenewalHours ?? defaultEarlyRenewalHours(this.validityPeriodHours),
        ...asked(args),
      },
      { parent: this },
    );

    this.certPem = cert.certPem;
    this.chainPem = pulumi.interpolate`${cert.certPem}${args.issuer.chainPem}`;
    this.serialNumber = cert.serialNumber;
    this.privateKeyPem = pulumi.secret(key.privateKeyPemPkcs8);

    this.registerOutputs({ certPem: this.certPem, chainPem: this.chainPem });
  }
}
