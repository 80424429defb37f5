import * as pulumi from "@pulumi/pulumi";

import type { Subject } from "./subject.ts";

/** Inputs of {@link Certificate}. The words are those of RFC 5280, 4.2.1. */
export interface CertificateInputs {
  /** Distinguished name of the holder. */
  subject: pulumi.Input<Subject>;
  /** Public key of the holder, PEM. */
  publicKeyPem: pulumi.Input<string>;
  /**
   * Certificate of the CA that signs, PEM.
   *
   * @default - self-signed
   */
  issuerCertPem?: pulumi.Input<string>;
  /** Key that signs, PEM: the issuer's, or the holder's own for a self-signed certificate. Kept secret. */
  issuerPrivateKeyPem: pulumi.Input<string>;
  /** basicConstraints: may this certificate sign others? */
  isCa: pulumi.Input<boolean>;
  /**
   * basicConstraints pathLenConstraint: how many CAs may follow below. Only with `isCa`.
   *
   * @default - no limit
   */
  maxPathLength?: pulumi.Input<number>;
  /** keyUsage: `digitalSignature`, `keyEncipherment`, `keyCertSign`, `cRLSign`. */
  keyUsages: pulumi.Input<string[]>;
  /** extKeyUsage: `serverAuth`, `clientAuth`. Empty: the extension is left out. */
  extendedKeyUsages: pulumi.Input<string[]>;
  /** subjectAltName DNS names; a wildcard may stand for the leftmost label. The order does not matter. */
  dnsNames: pulumi.Input<string[]>;
  /** subjectAltName IP addresses. The order does not matter. */
  ipAddresses: pulumi.Input<string[]>;
  /**
   * Lifetime in hours, more than 0 and less than the issuer's. It starts 5 minutes ago, for clocks that lag, and ends
   * with the issuer's own if that has less left.
   */
  validityPeriodHours: pulumi.Input<number>;
  /** The first update in the last so many hours of its life replaces the certificate. 0: only after its end. */
  earlyRenewalHours: pulumi.Input<number>;
}

/**
 * A signed X.509 v3 certificate. Its parsed content was compared with these inputs after signing. It is replaced
 * when an input changes or its renewal is due; `earlyRenewalHours` alone is changed in place.
 */
export class Certificate extends pulumi.CustomResource {
  /** The certificate, PEM, ending in a newline. */
  declare readonly certPem: pulumi.Output<string>;
  /** Upper-case hexadecimal. */
  declare readonly serialNumber: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  declare readonly notBefore: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  declare readonly notAfter: pulumi.Output<string>;
  /** SHA-256 of the DER, upper-case hexadecimal with colons. */
  declare readonly fingerprintSha256: pulumi.Output<string>;

  constructor(name: string, inputs: CertificateInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      certPem: undefined,
      serialNumber: undefined,
      notBefore: undefined,
      notAfter: undefined,
      fingerprintSha256: undefined,
    };
    const issuerPrivateKeyPem = pulumi.secret(inputs.issuerPrivateKeyPem);
    super("mtls:index:Certificate", name, { ...outputs, ...inputs, issuerPrivateKeyPem }, opts);
  }
}
