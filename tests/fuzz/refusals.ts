import type { Input } from "./inputs.ts";

/** A refusal fits on a screen. */
const LONGEST = 1000;

/** What is wrong with a refusal, if anything is: it must be one line, and name what is hostile. */
export function refusalProblem({ of, place = "" }: Input, message: string): string | undefined {
  if (!/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(message)) return "the refusal is not one line";
  if (message.length > LONGEST) return `the refusal has ${message.length} characters`;
  // What is no argument of a site may have no better name than its tag in the template.
  const isNamed = namesArgument(place, message) || (of !== "site" && /\{\{[#^]?[\w.]+\}\}|'chainPem'/.test(message));
  return isNamed ? undefined : `the refusal does not name ${place}`;
}

/** As a user of `NginxMtlsSite` knows it: `'locations[0].allow[1]'`. */
function namesArgument(place: string, message: string): boolean {
  // A certificate is no argument of the site, but a rule that it does not suit is. Of two equal paths the second is named.
  if (/\.(client|group|among|issuer)\b|^clientIssuers/.test(place))
    return /'locations\[\d+\]\.allow(\[\d+\])?'/.test(message);
  if (place.endsWith(".path")) return /'locations\[\d+\]\.path'/.test(message);
  // It may be wrong only beside another: then the message is about what holds both.
  const parts = place.split(/(?=[.[])/);
  const holders = parts.map((_, index) => parts.slice(0, index + 1).join(""));
  return holders.some((holder) => !/^locations(\[\d+\])?$/.test(holder) && message.includes(`'${holder}'`));
}
