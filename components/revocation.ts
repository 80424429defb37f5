import * as pulumi from "@pulumi/pulumi";

import { RevocationList, type RevokedCertificate } from "../resources/revocation-list.ts";
import { defaultEarlyRenewalHours, MAX_VALIDITY_HOURS } from "../rules/lifetime.ts";
import { isRevocationReason, REVOCATION_REASONS, type RevocationReason } from "../rules/revocation-reasons.ts";
import { chainOf, type Issuer } from "./issuer.ts";
import { refuse } from "./refusal.ts";

const DEFAULT_VALIDITY_HOURS = 90 * 24;

/** Arguments of {@link Revocation}. */
export interface RevocationArgs {
  /**
   * The CAs of the clients. A list is made for each of them and for every CA above, unless it has its own: nginx lets nobody
   * in whose chain has a CA without one.
   */
  issuers: Issuer[];

  /**
   * What is revoked. Each `id` once for each CA that issued to it.
   *
   * @default - nothing
   */
  revoked?: Revoked[];

  /**
   * Hours for which the lists of `issuers` are valid, more than 0. The lists of the CAs above, which list CAs, live as long
   * as these: their keys may be far away.
   *
   * @default 2160 (90 days)
   */
  validityPeriodHours?: number;
}

/** A revoked certificate. */
export interface Revoked {
  /**
   * Who has it. What was issued to the same id before, while it was in the list, stays revoked as well, also if it was issued
   * by another of the `issuers`.
   */
  id: string;
  /** A `ClientCert`, `ServerCert` or `IntermediateCA`, or a serial number (hexadecimal, capitals) and who issued it. */
  certificate: { readonly issuer: Issuer; readonly serialNumber: pulumi.Input<string> };
  /** RFC 5280, 5.3.1. */
  reason: RevocationReason;
}

/**
 * The revocation lists of a site's client CAs. To revoke is to add an entry: the certificates stay as they are.
 *
 * @example
 * new Revocation("revocation", { issuers: [issuing], revoked: [{ id: "bob", certificate: bob, reason: "superseded" }] });
 */
export class Revocation extends pulumi.ComponentResource {
  /** Every list, PEM, one after the other: nginx's `ssl_crl`. */
  public readonly crlPem: pulumi.Output<string>;
  /** The CAs that have a list here. */
  public readonly cas: Issuer[];
  /** When the first of the lists lapses, and with it everybody's access. ISO 8601, UTC. */
  public readonly nextUpdate: pulumi.Output<string>;

  constructor(name: string, args: RevocationArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuers`: they hold private keys.
    super("mtls:index:Revocation", name, { validityPeriodHours: args.validityPeriodHours }, opts);

    const { issuers, revoked = [], validityPeriodHours = DEFAULT_VALIDITY_HOURS } = args;
    const cas = [...new Set(issuers.flatMap(chainOf))];
    check(this, cas, revoked);
    this.cas = cas;

    const lists = cas.map((ca) => {
      if (ca.ownCrl) return ca.ownCrl;
      // One that lists CAs lives longer than any of them, and so ends with its own.
      const hours = issuers.includes(ca) ? validityPeriodHours : MAX_VALIDITY_HOURS;
      return new RevocationList(
        `${name}-${ca.name}`,
        {
          issuerCertPem: ca.certPem,
          issuerPrivateKeyPem: ca.privateKeyPem,
          revoked: entriesFor(ca, revoked, issuers),
          validityPeriodHours: hours,
          earlyRenewalHours: defaultEarlyRenewalHours(hours),
        },
        { parent: this },
      );
    });

    this.crlPem = pulumi.all(lists.map(({ crlPem }) => crlPem)).apply((pems) => pems.join(""));
    this.nextUpdate = pulumi
      .all(lists.map(({ nextUpdate }) => nextUpdate))
      .apply((ends) => ends.filter((end) => end !== undefined).sort()[0] ?? "");

    this.registerOutputs({ crlPem: this.crlPem, nextUpdate: this.nextUpdate });
  }
}

/** What a CA's list says: whom it revokes, and that those who have changed to another CA stay in it. */
function entriesFor(ca: Issuer, revoked: Revoked[], issuers: Issuer[]): RevokedCertificate[] {
  const own = revoked.filter(({ certificate }) => certificate.issuer === ca);
  const gone = revoked.filter(
    ({ id, certificate: { issuer } }) =>
      issuers.includes(ca) && issuers.includes(issuer) && issuer !== ca && !own.some((other) => other.id === id),
  );
  return [
    ...own.map(({ id, certificate: { serialNumber }, reason }) => ({ id, serialNumber, reason })),
    ...gone.map(({ id, reason }) => ({ id, reason })),
  ];
}

function check(component: pulumi.Resource, cas: Issuer[], revoked: Revoked[]): void {
  for (const [position, { id, certificate, reason }] of revoked.entries()) {
    if (!isRevocationReason(reason)) {
      const allowed = Object.keys(REVOCATION_REASONS).join(", ");
      refuse(component, `'revoked[${position}].reason' must be one of ${allowed}, got '${String(reason)}'`);
    }
    if (!cas.includes(certificate.issuer)) {
      refuse(
        component,
        `'revoked[${position}]' ${id} was issued by a CA that is not above 'issuers': add its CA there`,
      );
    }
    if (certificate.issuer.ownCrl) {
      refuse(
        component,
        `'revoked[${position}]' ${id} was issued by ${certificate.issuer.name}, whose list is given as its 'crlPem': ` +
          "revoke it there",
      );
    }
    const isTwin = (other: Revoked) => other.id === id && other.certificate.issuer === certificate.issuer;
    if (revoked.findIndex(isTwin) < position) {
      refuse(component, `'revoked[${position}]' ${id} is revoked already: remove one of the two`);
    }
  }
}
