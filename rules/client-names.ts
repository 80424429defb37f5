/** Names that are a client's common name and its directory at once. Pure, shared by configuration, components and provider. */

/** Characters that need no quoting in a name, a path or a shell. 64 are what a common name may have (RFC 5280, appendix A). */
export const CLIENT_NAME = /^[A-Za-z0-9]([\w.@-]{0,62}[A-Za-z0-9])?$/;

/** What {@link CLIENT_NAME} takes, for messages. */
export const CLIENT_NAME_ALLOWED = "1 to 64 letters and digits, with ._@- in between";

/** What is wrong with the names of one fleet: the position of each, and the end of a sentence. */
export function clientNameProblems(names: readonly string[]): [position: number, reason: string][] {
  const first = new Map<string, number>();
  return names.flatMap((name, position): [number, string][] => {
    if (!CLIENT_NAME.test(name)) return [[position, `must be ${CLIENT_NAME_ALLOWED}, got '${name}'`]];
    const key = name.toLowerCase(); // the file system may not tell capitals from small letters
    const twin = first.get(key);
    if (twin === undefined) first.set(key, position);
    if (twin === undefined) return [];
    return [[position, `must differ from the name of clients[${twin}], capitals aside, got '${name}': remove one`]];
  });
}
