import { HOUR_MS } from "../../rules/lifetime.ts";
import { isMoment, startOf } from "../../rules/not-before.ts";
import type { Validity } from "./request.ts";

/** When a certificate shall be valid. */
export interface AskedValidity {
  /** A moment, or a span from now: rules/not-before.ts. */
  notBefore: string;
  validityPeriodHours: number;
}

/**
 * Start and end of a certificate that is issued now. It ends with its issuer if that has less left: an issuer may be half
 * through its own life.
 *
 * @throws where the issuer has ended, or ends before the certificate would begin.
 */
export function validityFrom(now: Date, asked: AskedValidity, issuerEnd?: Date): Validity {
  const notBefore = startOf(asked.notBefore, now);
  const end = notBefore.getTime() + Math.round(asked.validityPeriodHours * 3600) * 1000;
  if (issuerEnd && issuerEnd <= now && end > now.getTime()) {
    throw new Error(`the issuer has ended ${issuerEnd.toISOString()}: renew it, it can sign nothing that is valid`);
  }
  if (issuerEnd && issuerEnd <= notBefore) {
    throw new Error(
      `'notBefore' ${notBefore.toISOString()} is not before the end of the issuer, ${issuerEnd.toISOString()}`,
    );
  }
  return { notBefore, notAfter: new Date(Math.min(end, issuerEnd?.getTime() ?? end)) };
}

/**
 * Whether a certificate should be issued anew: it is in the last part of its life, and a new one would live longer.
 *
 * @param notAfter of the certificate, in ms.
 * @param issuerEnd a certificate that ends with its issuer gains nothing before that has been renewed.
 */
export function renewalIsDue(
  now: Date,
  asked: AskedValidity & { earlyRenewalHours: number },
  notAfter: number,
  issuerEnd?: Date,
): boolean {
  const { notBefore, validityPeriodHours, earlyRenewalHours } = asked;
  // Made with fixed dates, or already over when it was issued: it would say the same again.
  if (isMoment(notBefore)) return false;
  if (startOf(notBefore, now).getTime() + validityPeriodHours * HOUR_MS <= now.getTime()) return false;
  if (now.getTime() < notAfter - earlyRenewalHours * HOUR_MS) return false;
  return issuerEnd === undefined || issuerEnd.getTime() > notAfter;
}
