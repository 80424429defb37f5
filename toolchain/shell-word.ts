/** A value as one word for a POSIX shell, in quotes where it needs them. */
export function shellWord(value: string | number): string {
  const text = String(value);
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
