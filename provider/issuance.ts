/** How a certificate is issued and when it is renewed: the same for a single one and for one of thousands. */
import { X509Certificate } from "node:crypto";

import type { IssuedCertificate } from "../rules/issued-certificate.ts";
import { isKnown, type Properties } from "./resource-type.ts";
import { factsOf } from "./x509/facts.ts";
import type { CertificateRequest, Signer } from "./x509/request.ts";
import { type AskedValidity, renewalIsDue, validityFrom } from "./x509/validity.ts";

/** When a certificate ends, and what makes another one. */
export interface Renewal extends AskedValidity {
  earlyRenewalHours: number;
  /** What was issued before it is renewed. May be unknown. */
  renewedAt?: string;
}

/** Issues a certificate now. Throws unless it says just what was asked. */
export async function issued(
  request: CertificateRequest & AskedValidity,
  signer: Signer,
  issuerEnd: Date | undefined,
): Promise<IssuedCertificate> {
  const { issue } = await import("./x509/issue.ts");
  const { differences } = await import("./x509/compare.ts");
  const now = new Date();
  const validity = validityFrom(now, request, issuerEnd);

  const certPem = await issue(request, signer, validity);
  const wrong = differences(certPem, request, signer, validity);
  if (wrong.length > 0) throw new Error(`the certificate does not say what was asked: ${wrong.join("; ")}`);
  return { certPem, ...factsOf(certPem), issuedAt: now.toISOString() };
}

/** Why something is not signed, as the end of a sentence. */
export const NO_KEY = "its issuer's key is not here: bring it back for this update";

/**
 * Who signs.
 *
 * @param what is to be signed, for the error.
 */
export function signerOf({ issuerCertPem, issuerPrivateKeyPem: privateKeyPem }: Properties, what: string): Signer {
  if (privateKeyPem) return { privateKeyPem: privateKeyPem as string, certPem: issuerCertPem as string | undefined };
  throw new Error(`${what} is to be signed, and ${NO_KEY}`);
}

/** Whether the user asked for another certificate after this one was issued. A moment to come is waited for. */
export function isAskedFor({ issuedAt }: IssuedCertificate, renewedAt: string | undefined): boolean {
  if (renewedAt === undefined || !isKnown(renewedAt)) return false;
  const moment = Date.parse(renewedAt);
  // To the second, as `renewedAt` is: what was issued in the same second was issued for it.
  return moment > Math.floor(Date.parse(issuedAt) / 1000) * 1000 && moment <= Date.now();
}

/** Whether a certificate should be issued anew because its end is near. */
export function isDue({ notAfter }: IssuedCertificate, asked: Renewal, issuerEnd: Date | undefined): boolean {
  if (!isKnown(asked.earlyRenewalHours)) return false;
  return renewalIsDue(new Date(), asked, Date.parse(notAfter), issuerEnd);
}

/** When the certificate's issuer ends; a self-signed one has none, and one that is being renewed will tell. */
export function endOfIssuer({ issuerCertPem }: Properties): Date | undefined {
  if (!issuerCertPem || !isKnown(issuerCertPem)) return undefined;
  return new Date(new X509Certificate(issuerCertPem as string).validTo);
}
