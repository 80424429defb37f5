import { MAX_VALIDITY_HOURS } from "../rules/lifetime.ts";
import { isKnown, type Problem } from "./resource-type.ts";

/** How long something that is signed lives, and when the next one is signed. */
export interface Lifetime {
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

/** What is wrong with a lifetime, as far as it is known. */
export function lifetimeProblems({ validityPeriodHours: hours, earlyRenewalHours: early }: Lifetime): Problem[] {
  const problems: Problem[] = [];
  if (isKnown(hours) && !(hours > 0 && hours <= MAX_VALIDITY_HOURS)) {
    const reason = `must be more than 0 and at most ${MAX_VALIDITY_HOURS} (100 years), got ${hours}`;
    problems.push({ property: "validityPeriodHours", reason });
  }
  if (isKnown(hours) && isKnown(early) && !(early >= 0 && early < hours)) {
    const reason = `must be at least 0 and less than 'validityPeriodHours' (${hours}), got ${early}`;
    problems.push({ property: "earlyRenewalHours", reason });
  }
  return problems;
}
