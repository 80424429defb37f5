/** When a certificate begins: an absolute moment, or a span from the moment of its issue. Pure. */

/** Before the moment of issue: the clock of a client or a container may lag behind this one. */
export const DEFAULT_NOT_BEFORE = "-5m";

const SPAN = /^([+-])(\d{1,6})([smhd])$/;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Whole seconds: X.509 knows no parts of them. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.000)?Z$/;

/** What {@link startOf} takes, for messages. */
export const NOT_BEFORE_ALLOWED = "a moment like 2030-01-31T00:00:00Z, or a span from now like -5m, +24h or -400d";

/** Whether it is a moment in UTC (ISO 8601) or a signed span in seconds, minutes, hours or days. */
export function isNotBefore(text: string): boolean {
  return SPAN.test(text) || isMoment(text);
}

/** An ISO 8601 moment in UTC, to the second. */
export function isMoment(text: string): boolean {
  const time = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 30th of February for the 2nd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, -1));
}

/** The start of a certificate that is issued now, to the second. */
export function startOf(notBefore: string, now: Date): Date {
  if (isMoment(notBefore)) return new Date(notBefore);
  return new Date(Math.floor((now.getTime() + spanOf(notBefore)) / 1000) * 1000);
}

function spanOf(text: string): number {
  const [, sign, amount, unit] = SPAN.exec(text) ?? [];
  return Number(`${sign}${amount}`) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
