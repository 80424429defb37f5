import * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../rules/subject.ts";

/** Inputs of {@link CertificateRequest}. */
export interface CertificateRequestInputs {
  /** Distinguished name that is asked for. */
  subject: pulumi.Input<Subject>;
  /** The key that the certificate shall be for, PEM. Kept secret. */
  privateKeyPem: pulumi.Input<string>;
  /** basicConstraints: shall the certificate sign others? */
  isCa: pulumi.Input<boolean>;
  /**
   * basicConstraints pathLenConstraint: how many CAs shall be allowed below. Only with `isCa`.
   *
   * @default - no limit is asked for
   */
  maxPathLength?: pulumi.Input<number>;
  /** keyUsage (RFC 5280, 4.2.1.3): `keyCertSign`, `cRLSign` … */
  keyUsages: pulumi.Input<string[]>;
}

/**
 * A request for a certificate, for a CA elsewhere to sign: PKCS#10 (RFC 2986) with an extensionRequest (RFC 2985, 5.4.2). Made once
 * and kept, so it is the same request until one of its inputs changes.
 */
export class CertificateRequest extends pulumi.CustomResource {
  /** The request, PEM, ending in a newline. */
  declare readonly requestPem: pulumi.Output<string>;

  constructor(name: string, inputs: CertificateRequestInputs, opts?: pulumi.CustomResourceOptions) {
    const privateKeyPem = pulumi.secret(inputs.privateKeyPem);
    super("mtls:index:CertificateRequest", name, { requestPem: undefined, ...inputs, privateKeyPem }, opts);
  }
}
