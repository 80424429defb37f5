import * as pulumi from "@pulumi/pulumi";

import type { ClientSecrets } from "../rules/client-files.ts";
import type { IssuedCertificate } from "../rules/issued-certificate.ts";
import type { KeyAlgorithm } from "../rules/key-algorithms.ts";
import type { Pkcs12Profile } from "../rules/pkcs12-profiles.ts";
import type { Subject } from "../rules/subject.ts";
import type { CertificateInputs } from "./certificate.ts";
import { secretKey } from "./secret-key.ts";

/** What a certificate of a {@link Certificate} has as well. */
type Common =
  | "crlDistributionPoints"
  | "caIssuers"
  | "ocspResponders"
  | "extensions"
  | "notBefore"
  | "validityPeriodHours"
  | "earlyRenewalHours"
  | "renewedAt";

/** Inputs of {@link ClientCredentials}. */
export interface ClientCredentialsInputs extends Pick<CertificateInputs, Common> {
  /**
   * Names of the clients, or more than their names: 1 to 64 letters and digits, with ._@- in between, each once. A name is
   * the common name of its certificate. The order does not matter.
   */
  clients: pulumi.Input<pulumi.Input<string | FleetClient>[]>;
  /**
   * What the subjects have beside the common name.
   *
   * @default - nothing
   */
  subject?: pulumi.Input<Omit<Subject, "commonName">>;
  /** Kind of the keys. Another one makes new keys. */
  keyAlgorithm: pulumi.Input<KeyAlgorithm>;
  /** Certificate of the CA that signs, PEM. */
  issuerCertPem: pulumi.Input<string>;
  /**
   * The CAs above it, up to the root, PEM: what they forbid is found before anything is signed.
   *
   * @default - only the CA's own certificate is asked
   */
  issuerChainPem?: pulumi.Input<string>;
  /**
   * Key of the CA, PEM. Kept secret. It is needed only when a certificate is issued or renewed.
   *
   * @default - the certificates stay as they are; that one must be issued is an error
   */
  issuerPrivateKeyPem?: pulumi.Input<string>;
  /** What follows a client's certificate in its chain: every CA below the root, from the issuer on, PEM. */
  chainPem: pulumi.Input<string>;
  /** @default "modern" */
  pkcs12Profile?: pulumi.Input<Pkcs12Profile>;
  /**
   * Absolute path of a directory in which each client gets one of its own, mode 0700, with the files `client.crt`,
   * `chain.crt`, `client.key`, `client.p12` and `password`.
   *
   * @default - no files are written
   */
  directory?: string;
}

/** One of many clients. */
export interface FleetClient {
  name: string;
  /**
   * A moment (`2026-01-31T12:00:00Z`): if the certificate was issued before it, the next update renews it.
   *
   * @default - renewed with all others, or when it is due
   */
  renewedAt?: string;
}

/** What everybody may know of a client. */
export type ClientCertificate = IssuedCertificate;

/**
 * Keys, certificates and PKCS#12 files of many clients as one resource, for what an update costs is mostly its number of
 * resources. All changes are made in place, and touch only the clients that they are about: one that comes or goes, whose
 * renewal is due or asked for, or whose files were removed or edited. What changes every certificate issues all of them
 * anew, with the same keys and passwords.
 */
export class ClientCredentials extends pulumi.CustomResource {
  /** By the clients' names. */
  declare readonly certificates: pulumi.Output<Record<string, ClientCertificate>>;
  /** By the clients' names. A secret. */
  declare readonly credentials: pulumi.Output<Record<string, ClientSecrets>>;

  constructor(name: string, inputs: ClientCredentialsInputs, opts?: pulumi.CustomResourceOptions) {
    const key = secretKey("issuerPrivateKeyPem", inputs);
    super(
      "mtls:index:ClientCredentials",
      name,
      { certificates: undefined, credentials: undefined, ...inputs, ...key },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["credentials"] }),
    );
  }
}
