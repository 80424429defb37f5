import * as pulumi from "@pulumi/pulumi";

import { secretKey } from "./secret-key.ts";

/** Inputs of {@link CaCertificate}. All are PEM (RFC 7468) with line feeds. */
export interface CaCertificateInputs {
  /** The CA's certificate. Text around it is left out. */
  certPem: pulumi.Input<string>;
  /**
   * Its key, without a passphrase. Kept secret.
   *
   * @default - it is elsewhere
   */
  privateKeyPem?: pulumi.Input<string>;
  /**
   * The CAs above it, each before the one that issued it, up to the root.
   *
   * @default - it is a root
   */
  chainPem?: pulumi.Input<string>;
  /**
   * The list of the certificates that it has revoked.
   *
   * @default - none is known
   */
  crlPem?: pulumi.Input<string>;
}

/**
 * A CA that was made elsewhere. What would make everything below it worthless is found before anything is made: it is no
 * CA, it has ended, another key's, its chain leads to no root, its revocation list is not its own or is stale.
 */
export class CaCertificate extends pulumi.CustomResource {
  /** The certificate alone, PEM, ending in a newline. */
  declare readonly certPem: pulumi.Output<string>;
  /** Distinguished name as text, for example `O=Acme, CN=Acme Root CA`. */
  declare readonly subject: pulumi.Output<string>;
  /** Upper-case hexadecimal. */
  declare readonly serialNumber: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  declare readonly notBefore: pulumi.Output<string>;
  /** ISO 8601, UTC. */
  declare readonly notAfter: pulumi.Output<string>;
  /** SHA-256 of the DER, upper-case hexadecimal with colons. */
  declare readonly fingerprintSha256: pulumi.Output<string>;
  /** The revocation list alone, PEM, ending in a newline. Undefined: none was given. */
  declare readonly crlPem: pulumi.Output<string | undefined>;
  /** When the revocation list lapses. ISO 8601, UTC. Undefined: it does not say, or there is none. */
  declare readonly crlNextUpdate: pulumi.Output<string | undefined>;

  constructor(name: string, inputs: CaCertificateInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      subject: undefined,
      serialNumber: undefined,
      notBefore: undefined,
      notAfter: undefined,
      fingerprintSha256: undefined,
      crlPem: undefined,
      crlNextUpdate: undefined,
    };
    const key = secretKey("privateKeyPem", inputs);
    super("mtls:index:CaCertificate", name, { ...outputs, ...inputs, ...key }, opts);
  }
}
