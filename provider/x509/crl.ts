import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificateList, CRLNumber, id_ce_cRLNumber } from "@peculiar/asn1-x509";

import { REVOCATION_REASONS, type RevocationReason } from "../../rules/revocation-reasons.ts";
import { crlFactsIn, isSignedBy } from "./crl-facts.ts";
import { authorityKeyIdentifier } from "./issue.ts";
import { importPrivateKey } from "./keys.ts";
import x509 from "./library.ts";
import type { Signer } from "./request.ts";

/** One revoked certificate. */
export interface CrlEntry {
  /** Hexadecimal. */
  serialNumber: string;
  reason: RevocationReason;
  /** ISO 8601, UTC, to the second. */
  revokedAt: string;
}

/** What a revocation list says (RFC 5280, 5). */
export interface CrlRequest {
  /** cRLNumber: higher than in every list before. */
  number: number;
  thisUpdate: Date;
  nextUpdate: Date;
  entries: CrlEntry[];
}

/** Signs a revocation list of the CA, and returns it as PEM with a newline at its end. */
export async function issueCrl(request: CrlRequest, signer: Required<Signer>): Promise<string> {
  const key = await importPrivateKey(signer.privateKeyPem);
  const issuer = new x509.X509Certificate(signer.certPem);
  const crl = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: request.thisUpdate,
    nextUpdate: request.nextUpdate,
    signingKey: key.cryptoKey,
    signingAlgorithm: key.signing,
    extensions: [
      await authorityKeyIdentifier(issuer),
      new x509.Extension(id_ce_cRLNumber, false, AsnConvert.serialize(new CRLNumber(request.number))),
    ],
    entries: request.entries.map(({ serialNumber, reason, revokedAt }) => ({
      serialNumber,
      revocationDate: new Date(revokedAt),
      // "unspecified" is said by leaving the extension out (5.3.1).
      ...(reason === "unspecified" ? {} : { reason: REVOCATION_REASONS[reason] }),
    })),
  });
  const der = withoutEmptyExtensions(crl.rawData, createPrivateKey(signer.privateKeyPem), key.signing.hash);
  // The library's own label is not the one of RFC 7468, 9.
  return `${x509.PemConverter.encode(der, "X509 CRL")}\n`;
}

/**
 * Signs the list once more: the library writes an empty list of extensions for an entry without a reason, where there must
 * be none (RFC 5280, appendix A.1), and some readers refuse it.
 */
function withoutEmptyExtensions(der: ArrayBuffer, key: KeyObject, hash: string | undefined): ArrayBuffer {
  const list = AsnConvert.parse(der, CertificateList);
  const entries = list.tbsCertList.revokedCertificates ?? [];
  for (const entry of entries) if (entry.crlEntryExtensions?.length === 0) delete entry.crlEntryExtensions;
  const tbs = AsnConvert.serialize(list.tbsCertList);
  const algorithm = hash?.replace("-", ""); // Ed25519 has its own
  list.signature = new Uint8Array(sign(algorithm, Buffer.from(tbs), key)).buffer;
  return AsnConvert.serialize(list);
}

/** Parses a revocation list and returns every difference from what was asked; empty: it says just that. */
export async function crlDifferences(crlPem: string, asked: CrlRequest, issuerCertPem: string): Promise<string[]> {
  const crl = new x509.X509Crl(crlPem);
  const issuer = new x509.X509Certificate(issuerCertPem);
  const expected: [what: string, asked: unknown, found: unknown][] = [
    ["issuer", issuer.subject, crl.issuer],
    ["thisUpdate", asked.thisUpdate.toISOString(), crl.thisUpdate.toISOString()],
    ["nextUpdate", asked.nextUpdate.toISOString(), crl.nextUpdate?.toISOString()],
    ["cRLNumber", asked.number, crlFactsIn(crlPem)[0]?.number],
    [
      "entries",
      asked.entries.map((entry) => [
        entry.serialNumber.toLowerCase(),
        new Date(entry.revokedAt).toISOString(),
        REVOCATION_REASONS[entry.reason],
      ]),
      crl.entries.map((entry) => [entry.serialNumber, entry.revocationDate.toISOString(), entry.reason ?? 0]),
    ],
  ];
  const wrong = expected
    .filter(([, want, got]) => JSON.stringify(want) !== JSON.stringify(got))
    .map(([what, want, got]) => `${what} is ${JSON.stringify(got)}, asked was ${JSON.stringify(want)}`);
  if (!(await isSignedBy(issuerCertPem, crlPem))) wrong.push("its signature does not verify with the issuer's key");
  return wrong;
}
