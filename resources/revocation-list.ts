import * as pulumi from "@pulumi/pulumi";

import type { RevocationReason } from "../rules/revocation-reasons.ts";
import { secretKey } from "./secret-key.ts";

/** Inputs of {@link RevocationList}. */
export interface RevocationListInputs {
  /** Certificate of the CA, PEM. */
  issuerCertPem: pulumi.Input<string>;
  /**
   * Key of the CA, PEM. Kept secret. It is needed only when the list is signed.
   *
   * @default - the list stays as it is; that it must be signed is an error
   */
  issuerPrivateKeyPem?: pulumi.Input<string>;
  /**
   * What is revoked. Certificates that an `id` had before, and that were renewed since, stay in the list as long as the id
   * does.
   */
  revoked: pulumi.Input<pulumi.Input<RevokedCertificate>[]>;
  /** Hours until nextUpdate, more than 0. The list ends with its CA if that has less left. */
  validityPeriodHours: pulumi.Input<number>;
  /** The first update in the last so many hours before nextUpdate signs a new list. */
  earlyRenewalHours: pulumi.Input<number>;
}

/** One revoked certificate. */
export interface RevokedCertificate {
  /** Who has it, for example the client's name. */
  id: pulumi.Input<string>;
  /**
   * Upper-case hexadecimal.
   *
   * @default - none: what was in the list for this `id` before stays in it
   */
  serialNumber?: pulumi.Input<string>;
  /** RFC 5280, 5.3.1. */
  reason: pulumi.Input<RevocationReason>;
}

/**
 * The list of the certificates that a CA has revoked (RFC 5280, 5). A change signs a new list, with a higher number, in
 * place; it is also signed anew before it lapses, for a stale list locks everybody out.
 */
export class RevocationList extends pulumi.CustomResource {
  /** The list, PEM, ending in a newline. */
  declare readonly crlPem: pulumi.Output<string>;
  /** cRLNumber (RFC 5280, 5.2.3). */
  declare readonly crlNumber: pulumi.Output<number>;
  /** ISO 8601, UTC. */
  declare readonly thisUpdate: pulumi.Output<string>;
  /** After this a verifier does not take the list any more. ISO 8601, UTC. */
  declare readonly nextUpdate: pulumi.Output<string>;

  constructor(name: string, inputs: RevocationListInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { crlPem: undefined, crlNumber: undefined, thisUpdate: undefined, nextUpdate: undefined };
    const key = secretKey("issuerPrivateKeyPem", inputs);
    super("mtls:index:RevocationList", name, { ...outputs, entries: undefined, ...inputs, ...key }, opts);
  }
}
