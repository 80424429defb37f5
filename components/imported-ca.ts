import * as pulumi from "@pulumi/pulumi";

import { CaCertificate } from "../resources/ca-certificate.ts";
import type { IssuerArgs } from "./certificate-args.ts";
import { bundleOf, chainOf, type Issuer, type OwnCrl } from "./issuer.ts";

/** Arguments of {@link ImportedCA}. PEM (RFC 7468) with line feeds. */
export interface ImportedCAArgs extends IssuerArgs {
  /** Its certificate, and no other. */
  certPem: pulumi.Input<string>;

  /**
   * Its key, without a passphrase (PKCS#8, PKCS#1 or SEC 1). Kept secret.
   *
   * @default - it is elsewhere: what this CA has signed is kept as it is, and nothing new is signed
   */
  privateKeyPem?: pulumi.Input<string>;

  /**
   * The CA that issued `certPem`; another `ImportedCA`, for example.
   *
   * @default - `certPem` is self-signed: a root
   */
  issuer?: Issuer;

  /**
   * The list of the certificates that it has revoked (RFC 5280, 5), signed by itself. It is used as it is: revoke there, and
   * bring the next one before this one lapses.
   *
   * @default - `Revocation` signs its lists, for which it needs the key
   */
  crlPem?: pulumi.Input<string>;
}

/**
 * A CA that was made elsewhere, by mkcert, step or a company, with or without its key. What is wrong with the PEM texts is
 * said before anything is made.
 *
 * @example
 * const root = new ImportedCA("root", { certPem: readFileSync("root_ca.crt", "utf8") });
 * const issuing = new ImportedCA("issuing", { issuer: root, certPem, privateKeyPem });
 */
export class ImportedCA extends pulumi.ComponentResource implements Issuer {
  public readonly name: string;
  public readonly issuer: Issuer | undefined;
  public readonly subject = undefined;
  public readonly subjectText: pulumi.Output<string>;
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly serialNumber: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  public readonly notAfter: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string> | undefined;
  public readonly validityPeriodHours = undefined;
  public readonly maxPathLength = undefined;
  public readonly nameConstraints = undefined;
  public readonly ownCrl: OwnCrl | undefined;
  public readonly crlDistributionPoints: string[] | undefined;
  public readonly caIssuers: string[] | undefined;
  public readonly ocspResponders: string[] | undefined;

  constructor(name: string, args: ImportedCAArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuer`: it may hold a private key.
    super("mtls:index:ImportedCA", name, {}, opts);

    const { certPem, privateKeyPem, issuer, crlPem } = args;
    const cert = new CaCertificate(
      `${name}-cert`,
      { certPem, privateKeyPem, crlPem, chainPem: issuer && bundleOf(chainOf(issuer)) },
      { parent: this },
    );

    this.name = name;
    this.issuer = issuer;
    this.subjectText = cert.subject;
    this.certPem = cert.certPem;
    this.chainPem = issuer ? pulumi.interpolate`${cert.certPem}${issuer.chainPem}` : pulumi.output("");
    this.serialNumber = cert.serialNumber;
    this.notAfter = cert.notAfter;
    this.privateKeyPem = privateKeyPem === undefined ? undefined : pulumi.secret(privateKeyPem);
    this.ownCrl =
      crlPem === undefined ? undefined : { crlPem: cert.crlPem.apply((pem) => pem!), nextUpdate: cert.crlNextUpdate };
    this.crlDistributionPoints = args.crlDistributionPoints;
    this.caIssuers = args.caIssuers;
    this.ocspResponders = args.ocspResponders;

    this.registerOutputs({ certPem: this.certPem, chainPem: this.chainPem });
  }
}
