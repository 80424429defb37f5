import * as pulumi from "@pulumi/pulumi";

import { Certificate } from "../resources/certificate.ts";
import { defaultEarlyRenewalHours } from "../rules/lifetime.ts";
import type { Subject } from "../rules/subject.ts";
import { asked, type CertificateArgs } from "./certificate-args.ts";
import { checkChild, type Issuer, signedBy } from "./issuer.ts";
import { DEFAULT_KEY_ALGORITHM, leafKeyUsages, privateKey, warnOfKey } from "./key.ts";

/** Of leaf certificates: a year. */
export const DEFAULT_VALIDITY_HOURS = 365 * 24;

/** Arguments that server and client certificates have in common. */
export interface LeafCertArgs extends CertificateArgs {
  /** The CA that signs. */
  issuer: Issuer;

  /**
   * subjectAltName URIs, for example a SPIFFE id.
   *
   * @default - none
   */
  uris?: string[];

  /**
   * Lifetime in hours. Must be shorter than the issuer's.
   *
   * @default 8760 (1 year)
   */
  validityPeriodHours?: number;

  /**
   * The first update in the last so many hours of its life renews it, with the same key.
   *
   * @default - a third of its lifetime, at most 720 (30 days)
   */
  earlyRenewalHours?: number;
}

/** What makes a leaf a server's or a client's. */
interface Role {
  subject: Subject;
  extendedKeyUsage: "serverAuth" | "clientAuth";
  dnsNames: string[];
  ipAddresses: string[];
  emailAddresses: string[];
}

/** A certificate that signs nothing, with its key: what `ServerCert` and `ClientCert` are made of. */
export interface LeafCert {
  /** The CA that signed it. */
  readonly issuer: Issuer;
  /** The certificate alone, PEM. */
  certPem: pulumi.Output<string>;
  /** The certificate and every CA below the root: what its holder must send, PEM. */
  chainPem: pulumi.Output<string>;
  /** PEM (PKCS#8). Always a secret. */
  privateKeyPem: pulumi.Output<string>;
  /** Upper-case hexadecimal. */
  serialNumber: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  notAfter: pulumi.Output<string>;
  /** SHA-256 of the DER, upper-case hexadecimal with colons. */
  fingerprintSha256: pulumi.Output<string>;
}

/** Declares the key and the certificate as children of a component. */
export function leafCert(parent: pulumi.ComponentResource, name: string, args: LeafCertArgs, role: Role): LeafCert {
  const { issuer, keyAlgorithm = DEFAULT_KEY_ALGORITHM, validityPeriodHours = DEFAULT_VALIDITY_HOURS } = args;
  const { subject, extendedKeyUsage, ...names } = role;
  checkChild(parent, issuer, { subject, validityPeriodHours, names });
  warnOfKey(parent, extendedKeyUsage, keyAlgorithm);

  const key = privateKey(`${name}-key`, keyAlgorithm, { parent });
  const cert = new Certificate(
    `${name}-cert`,
    {
      subject,
      publicKeyPem: key.publicKeyPem,
      ...signedBy(issuer),
      isCa: false,
      keyUsages: leafKeyUsages(keyAlgorithm, extendedKeyUsage),
      extendedKeyUsages: [extendedKeyUsage],
      ...names,
      uris: args.uris,
      validityPeriodHours,
      earlyRenewalHours: args.earlyRenewalHours ?? defaultEarlyRenewalHours(validityPeriodHours),
      ...asked(args),
    },
    { parent },
  );

  const { certPem, serialNumber, notAfter, fingerprintSha256 } = cert;
  const chainPem = pulumi.interpolate`${certPem}${issuer.chainPem}`;
  return {
    issuer,
    certPem,
    chainPem,
    privateKeyPem: pulumi.secret(key.privateKeyPemPkcs8),
    serialNumber,
    notAfter,
    fingerprintSha256,
  };
}
