/** Values in messages. Pure, shared by configuration and components. */

/** The longest DNS name fits whole, and a message still on a screen. */
const LONGEST = 300;

/** A value as it was got: JSON on one line, without characters that nobody sees or that move the cursor; of a long one the start. */
export function quoted(value: unknown): string {
  const json = String(JSON.stringify(value));
  const seen = json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
  return seen.length > LONGEST ? `${seen.slice(0, LONGEST).toWellFormed()}… (${json.length} characters)` : seen;
}
