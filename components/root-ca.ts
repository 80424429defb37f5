import * as pulumi from "@pulumi/pulumi";

import { Certificate } from "../resources/certificate.ts";
import type { Subject } from "../resources/subject.ts";
import type { Issuer } from "./issuer.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";
import { DEFAULT_KEY_ALGORITHM, privateKey } from "./key.ts";

const DEFAULT_VALIDITY_HOURS = 10 * 365 * 24;

/** What a root and an intermediate may do: sign certificates and revocation lists (RFC 5280, 4.2.1.3). */
export const CA_KEY_USAGES = ["keyCertSign", "cRLSign"];

/** Arguments of {@link RootCA}. */
export interface RootCAArgs {
  /** Distinguished name. */
  subject: Subject;

  /** @default "P-256" */
  keyAlgorithm?: KeyAlgorithm;

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
}

/**
 * A self-signed CA: the trust anchor of a private PKI.
 *
 * @example
 * const root = new RootCA("root", { subject: { commonName: "Lab Root CA" } });
 */
export class RootCA extends pulumi.ComponentResource implements Issuer {
  public readonly subject: Subject;
  public readonly issuer = undefined;
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly validityPeriodHours: number;
  public readonly maxPathLength: number | undefined;

  constructor(name: string, args: RootCAArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mtls:index:RootCA", name, { subject: args.subject }, opts);

    this.subject = args.subject;
    this.validityPeriodHours = args.validityPeriodHours ?? DEFAULT_VALIDITY_HOURS;
    this.maxPathLength = args.maxPathLength;

    const key = privateKey(`${name}-key`, args.keyAlgorithm ?? DEFAULT_KEY_ALGORITHM, { parent: this });

    const cert = new Certificate(
      `${name}-cert`,
      {
        subject: args.subject,
        publicKeyPem: key.publicKeyPem,
        issuerPrivateKeyPem: key.privateKeyPemPkcs8,
        isCa: true,
        maxPathLength: args.maxPathLength,
        keyUsages: CA_KEY_USAGES,
        extendedKeyUsages: [],
        dnsNames: [],
        ipAddresses: [],
        validityPeriodHours: this.validityPeriodHours,
        // A root that changes by itself would lock out everybody who trusts it: it is replaced after its end only.
        earlyRenewalHours: 0,
      },
      { parent: this },
    );

    this.certPem = cert.certPem;
    this.chainPem = pulumi.output("");
    this.privateKeyPem = pulumi.secret(key.privateKeyPemPkcs8);

    this.registerOutputs({ certPem: this.certPem });
  }
}
