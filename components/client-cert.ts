import * as pulumi from "@pulumi/pulumi";

import { CredentialFiles } from "../resources/credential-files.ts";
import { Pkcs12 } from "../resources/pkcs12.ts";
import { clientFiles } from "../rules/client-files.ts";
import type { Pkcs12Profile } from "../rules/pkcs12-profiles.ts";
import type { Subject } from "../rules/subject.ts";
import type { Client, SubjectAltName } from "./access-rule.ts";
import type { Issuer } from "./issuer.ts";
import { leafCert, type LeafCert, type LeafCertArgs } from "./leaf-cert.ts";

/** Arguments of {@link ClientCert}. */
export interface ClientCertArgs extends LeafCertArgs {
  /** Distinguished name: who the server will see. Must differ from every CA's above. */
  subject: Subject;

  /**
   * subjectAltName mailboxes.
   *
   * @default - none
   */
  emailAddresses?: string[];

  /**
   * subjectAltName DNS names, for a client that is a host.
   *
   * @default - none
   */
  dnsNames?: string[];

  /**
   * Absolute path of a directory to write `client.crt`, `chain.crt`, `client.key`, `client.p12` and `password` to.
   *
   * @default - no files are written
   */
  directory?: string;

  /**
   * `compat` makes a PKCS#12 file for Windows before 1709, the macOS Keychain and Android up to 13 as well: 3DES and
   * SHA-1 in place of AES-256 and SHA-256. Another profile is another file with the same password.
   *
   * @default "modern"
   */
  pkcs12Profile?: Pkcs12Profile;
}

/**
 * The certificate and key of a TLS client (extendedKeyUsage clientAuth), also as PKCS#12 for browsers.
 *
 * @example
 * new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" } });
 */
export class ClientCert extends pulumi.ComponentResource implements LeafCert, Client {
  public readonly issuer: Issuer;
  public readonly subject: Subject;
  public readonly subjectAltNames: SubjectAltName[];
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly serialNumber: pulumi.Output<string>;
  public readonly notAfter: pulumi.Output<string>;
  public readonly fingerprintSha256: pulumi.Output<string>;
  /** PKCS#12 with the chain and the key, base64. A secret. */
  public readonly pkcs12Base64: pulumi.Output<string>;
  /** Password of the PKCS#12 file, the same for the client's life, whatever is renewed. A secret. */
  public readonly pkcs12Password: pulumi.Output<string>;

  constructor(name: string, args: ClientCertArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuer`: it holds a private key.
    super("mtls:index:ClientCert", name, { subject: args.subject }, opts);

    const leaf = leafCert(this, name, args, {
      subject: args.subject,
      extendedKeyUsage: "clientAuth",
      dnsNames: args.dnsNames ?? [],
      ipAddresses: [],
      emailAddresses: args.emailAddresses ?? [],
    });

    const pkcs12 = new Pkcs12(
      `${name}-pkcs12`,
      {
        chainPem: leaf.chainPem,
        privateKeyPem: leaf.privateKeyPem,
        friendlyName: args.subject.commonName,
        profile: args.pkcs12Profile,
      },
      { parent: this },
    );

    if (args.directory !== undefined) {
      const { certPem, chainPem, privateKeyPem } = leaf;
      const { contentBase64: pkcs12Base64, password } = pkcs12;
      const files = clientFiles({ certPem, chainPem, privateKeyPem, pkcs12Base64, password });
      new CredentialFiles(`${name}-files`, { directory: args.directory, files }, { parent: this });
    }

    const { dnsNames = [], uris = [], emailAddresses = [] } = args;
    this.issuer = args.issuer;
    this.subject = args.subject;
    this.subjectAltNames = [
      ...dnsNames.map((name) => `DNS:${name}` as const),
      ...uris.map((uri) => `URI:${uri}` as const),
      ...emailAddresses.map((mailbox) => `email:${mailbox}` as const),
    ];
    this.certPem = leaf.certPem;
    this.chainPem = leaf.chainPem;
    this.privateKeyPem = leaf.privateKeyPem;
    this.serialNumber = leaf.serialNumber;
    this.notAfter = leaf.notAfter;
    this.fingerprintSha256 = leaf.fingerprintSha256;
    this.pkcs12Base64 = pulumi.secret(pkcs12.contentBase64);
    this.pkcs12Password = pulumi.secret(pkcs12.password);

    this.registerOutputs({ certPem: this.certPem, chainPem: this.chainPem, serialNumber: this.serialNumber });
  }
}
