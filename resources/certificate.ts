import * as pulumi from "@pulumi/pulumi";

import type { NameConstraints } from "../rules/name-constraints.ts";
import type { RawExtension } from "../rules/raw-extension.ts";
import type { Subject } from "../rules/subject.ts";
import { secretKey } from "./secret-key.ts";

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
  /**
   * The CAs above the issuer, up to the root, PEM: what they forbid is found before anything is signed. Not in the
   * certificate.
   *
   * @default - only the issuer's own certificate is asked
   */
  issuerChainPem?: pulumi.Input<string>;
  /**
   * Key that signs, PEM: the issuer's, or the holder's own for a self-signed certificate. Kept secret. It is needed only
   * when the certificate is issued or renewed: afterwards it may be kept elsewhere.
   *
   * @default - the certificate stays as it is; that it must be issued is an error
   */
  issuerPrivateKeyPem?: pulumi.Input<string>;
  /** basicConstraints: may this certificate sign others? */
  isCa: pulumi.Input<boolean>;
  /**
   * basicConstraints pathLenConstraint: how many CAs may follow below. Only with `isCa`.
   *
   * @default - no limit
   */
  maxPathLength?: pulumi.Input<number>;
  /** keyUsage (4.2.1.3): `digitalSignature`, `keyEncipherment`, `keyCertSign`, `cRLSign` … */
  keyUsages: pulumi.Input<string[]>;
  /** extKeyUsage (4.2.1.12): `serverAuth`, `clientAuth` … or an OID. Empty: the extension is left out. */
  extendedKeyUsages: pulumi.Input<string[]>;
  /** subjectAltName DNS names; a wildcard may stand for the leftmost label. The order does not matter. */
  dnsNames: pulumi.Input<string[]>;
  /** subjectAltName IP addresses. The order does not matter. */
  ipAddresses: pulumi.Input<string[]>;
  /**
   * subjectAltName mailboxes. The order does not matter.
   *
   * @default - none
   */
  emailAddresses?: pulumi.Input<string[]>;
  /**
   * subjectAltName URIs, for example a SPIFFE id. The order does not matter.
   *
   * @default - none
   */
  uris?: pulumi.Input<string[]>;
  /**
   * nameConstraints (4.2.1.10), critical. Only with `isCa`.
   *
   * @default - every name is allowed
   */
  nameConstraints?: pulumi.Input<NameConstraints>;
  /**
   * cRLDistributionPoints (4.2.1.13): URLs at which the issuer's revocation list can be had.
   *
   * @default - none
   */
  crlDistributionPoints?: pulumi.Input<string[]>;
  /**
   * authorityInfoAccess caIssuers (4.2.2.1): URLs at which the issuer's certificate can be had.
   *
   * @default - none
   */
  caIssuers?: pulumi.Input<string[]>;
  /**
   * authorityInfoAccess ocsp (4.2.2.1): URLs of the issuer's OCSP responder.
   *
   * @default - none
   */
  ocspResponders?: pulumi.Input<string[]>;
  /**
   * Further extensions by OID, with the DER of their value in base64.
   *
   * @default - none
   */
  extensions?: pulumi.Input<RawExtension[]>;
  /**
   * When it begins: a moment (`2030-01-31T00:00:00Z`), or a span from the moment of issue (`-5m`, `+24h`, `-400d`). One
   * with a fixed moment, or that is over when it is issued, is never renewed by itself: it would say the same again.
   *
   * @default "-5m", for clocks that lag
   */
  notBefore?: pulumi.Input<string>;
  /**
   * Lifetime in hours, more than 0. The certificate ends with its issuer if that has less left.
   */
  validityPeriodHours: pulumi.Input<number>;
  /** The first update in the last so many hours of its life replaces the certificate. 0: only after its end. */
  earlyRenewalHours: pulumi.Input<number>;
  /**
   * A moment (`2026-01-31T12:00:00Z`): if the certificate was issued before it, the first update after it replaces it.
   *
   * @default - renewed only when it is due
   */
  renewedAt?: pulumi.Input<string>;
}

/**
 * A signed X.509 v3 certificate. Its parsed content was compared with these inputs after signing. It is replaced
 * when an input changes or its renewal is due; how and by which key it is renewed is changed in place.
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
  /** When it was signed. ISO 8601, UTC. */
  declare readonly issuedAt: pulumi.Output<string>;

  constructor(name: string, inputs: CertificateInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      certPem: undefined,
      serialNumber: undefined,
      notBefore: undefined,
      notAfter: undefined,
      fingerprintSha256: undefined,
      issuedAt: undefined,
    };
    const key = secretKey("issuerPrivateKeyPem", inputs);
    super("mtls:index:Certificate", name, { ...outputs, ...inputs, ...key }, opts);
  }
}
