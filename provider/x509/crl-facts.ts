import { AsnConvert } from "@peculiar/asn1-schema";
import { CRLNumber, id_ce_cRLNumber } from "@peculiar/asn1-x509";

import { pemRevocationLists } from "../../rules/pem.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../../rules/revocation-reasons.ts";
import x509 from "./library.ts";

/** What a revocation list says. */
export interface CrlFacts {
  /** Distinguished name of the CA, in one line. */
  issuer: string;
  /** cRLNumber. Undefined in a list without one. */
  number: number | undefined;
  /** ISO 8601, UTC. */
  thisUpdate: string;
  /** ISO 8601, UTC. Undefined in a list without one. */
  nextUpdate: string | undefined;
  /** Reasons by serial number, upper-case hexadecimal. */
  revoked: Map<string, RevocationReason>;
}

/** Reads every revocation list of a PEM text. */
export function crlFactsIn(text: string): CrlFacts[] {
  return pemRevocationLists(text).map((pem) => {
    const crl = new x509.X509Crl(pem);
    const number = crl.getExtension(id_ce_cRLNumber);
    return {
      issuer: crl.issuer,
      number: number ? Number(AsnConvert.parse(number.value, CRLNumber).value) : undefined,
      thisUpdate: crl.thisUpdate.toISOString(),
      nextUpdate: crl.nextUpdate?.toISOString(),
      revoked: new Map(crl.entries.map(({ serialNumber, reason }) => [serialNumber.toUpperCase(), reasonOf(reason)])),
    };
  });
}

/** Whether a list was signed by the CA with this certificate. */
export function isSignedBy(issuerCertPem: string, listPem: string): Promise<boolean> {
  // Given the certificate, the library would verify by the algorithm that the certificate itself was signed with.
  return new x509.X509Crl(listPem).verify({ publicKey: new x509.X509Certificate(issuerCertPem).publicKey });
}

function reasonOf(number = 0): RevocationReason {
  const [name] = Object.entries(REVOCATION_REASONS).find(([, value]) => value === number) ?? [];
  return (name ?? "unspecified") as RevocationReason;
}
