import * as pulumi from "@pulumi/pulumi";

import type { Pkcs12Profile } from "../rules/pkcs12-profiles.ts";

/** Inputs of {@link Pkcs12}. */
export interface Pkcs12Inputs {
  /** Leaf first, then its intermediates, each issued by the next; PEM. Without them a browser offers nothing. */
  chainPem: pulumi.Input<string>;
  /** Key of the leaf, PEM, PKCS#8, not encrypted. */
  privateKeyPem: pulumi.Input<string>;
  /**
   * Name under which a browser or key store lists it, 1 to 255 characters in any script (RFC 2985, 5.5.1). Java shows
   * it in lower case.
   */
  friendlyName: pulumi.Input<string>;
  /**
   * `modern`: AES-256-CBC with PBKDF2-HMAC-SHA-256 (PBES2, RFC 8018) and a SHA-256 MAC, as OpenSSL 3 writes it.
   *
   * `compat`: 3DES and a SHA-1 MAC, as `openssl pkcs12 -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1`
   * (RFC 7292, appendix C). For Windows before 1709, the macOS Keychain and Android up to 13, which call the password
   * of a `modern` file wrong; everybody else opens it too. Safe because the password is generated: nobody guesses it.
   *
   * @default "modern"
   */
  profile?: pulumi.Input<Pkcs12Profile>;
}

/**
 * A PKCS#12 file (RFC 7292) and its generated password. Made once and kept: it is the same file until an input
 * changes. Then it is made anew in place, with the same password: that stays for the life of the resource, so
 * nobody has to be told another one when a certificate is renewed. `pulumi up --replace URN` gives it a new one.
 *
 * An input is refused when the profile is unknown, the name is empty or too long, or the chain is not one of
 * certificates that are each issued by the next, beginning with that of the key.
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
