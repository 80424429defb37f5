/** Enough to notice and to plan, whatever the lifetime. */
const MAX_EARLY_RENEWAL_HOURS = 30 * 24;

/** A third of the lifetime, at most 30 days; in hours. */
export function defaultEarlyRenewalHours(validityPeriodHours: number): number {
  return Math.min(validityPeriodHours / 3, MAX_EARLY_RENEWAL_HOURS);
}
