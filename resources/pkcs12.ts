import * as pulumi from "@pulumi/pulumi";

/** Inputs of {@link Pkcs12}. */
export interface Pkcs12Inputs {
  /** Leaf first, then its intermediates, PEM. Without them a browser offers no certificate at all. */
  chainPem: pulumi.Input<string>;
  /** Key of the leaf, PEM, PKCS#8. */
  privateKeyPem: pulumi.Input<string>;
  /** Name under which a browser or key store lists it. */
  friendlyName: pulumi.Input<string>;
}

/**
 * A PKCS#12 file (RFC 7292) and its generated password: AES-256-CBC and SHA-256, as OpenSSL 3 writes it. Made
 * once and kept, so it is the same file until the certificate or the key changes.
 */
export class Pkcs12 extends pulumi.CustomResource {
  /** The file, base64. A secret. */
  declare readonly contentBase64: pulumi.Output<string>;
  /** 128 random bits as text. A secret. */
  declare readonly password: pulumi.Output<string>;

  constructor(name: string, inputs: Pkcs12Inputs, opts?: pulumi.CustomResourceOptions) {
    super(
      "mtls:index:Pkcs12",
      name,
      { contentBase64: undefined, password: undefined, ...inputs, privateKeyPem: pulumi.secret(inputs.privateKeyPem) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["contentBase64", "password"] }),
    );
  }
}
