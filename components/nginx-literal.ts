/** What a value may take of the 4096 bytes that nginx has for a word: some are left for what stands around it. */
export const MAX_WORD = 4000;

/** A text that stands for itself in a regular expression of nginx.conf, in quotes: whatever else it could mean becomes `\xHH`. */
export function nginxLiteral(text: string): string {
  const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, "0")}`;
  return text.replace(/[^\w ,=@:/-]/gu, (character) => [...Buffer.from(character)].map(hex).join(""));
}
