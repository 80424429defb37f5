/** How long what is signed lives, and when the next one is signed. Pure, shared by configuration, components, provider and command line. */

/** A century: more than anything that is signed needs, and before dates overflow. */
export const MAX_VALIDITY_HOURS = 100 * 365 * 24;

/** An hour. */
export const HOUR_MS = 3_600_000;

/** Enough to notice and to plan, whatever the lifetime. */
const MAX_EARLY_RENEWAL_HOURS = 30 * 24;

/** A third of the lifetime, at most 30 days; in hours. */
export function defaultEarlyRenewalHours(validityPeriodHours: number): number {
  return Math.min(validityPeriodHours / 3, MAX_EARLY_RENEWAL_HOURS);
}
