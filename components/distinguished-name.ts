import type * as pulumi from "@pulumi/pulumi";

import { attributesOf, type Subject } from "../rules/subject.ts";
import type { Issuer } from "./issuer.ts";

/** `type=value`, joined by commas, or by + within one part; a value has these escaped, and no space at its ends. */
const TEXT =
  /^(?:(?:^|(?!^)[,+])[A-Za-z0-9][\w.-]*=(?:#[0-9A-F]+|(?![ #])(?:[^,+"\\<>;]|\\[ #,+"\\<>;]|\\[0-9A-F]{2})*(?<!(?<!\\) )))+$/;

/**
 * A distinguished name as nginx has it in `$ssl_client_s_dn` and `$ssl_client_i_dn`: the text of RFC 2253 as OpenSSL writes it
 * (`-nameopt RFC2253`). The last part of the name comes first, and what is not ASCII is escaped byte by byte.
 */
export function distinguishedName(subject: Subject): string {
  return attributesOf(subject)
    .reverse()
    .map(([type, value]) => `${type}=${bytesEscaped(value.replace(/[,+"\\<>;]|^[ #]| $/g, String.raw`\$&`))}`)
    .join(",");
}

/** That of a CA. One that was made elsewhere is known by its certificate only. */
export function nameOfCa(ca: Issuer): pulumi.Input<string> {
  return ca.subject ? distinguishedName(ca.subject) : ca.subjectText!.apply(lastPartFirst);
}

/** Turns round the text that `CaCertificate` gives, `O=Acme, CN=Acme Root CA`. */
export function lastPartFirst(subjectText: string): string {
  const parts = unescapedSplit(subjectText, ", ").map((part) => unescapedSplit(part, " \\+ ").reverse().join("+"));
  return bytesEscaped(parts.reverse().join(","));
}

/**
 * Whether nginx could have this text for a name. It never has `/O=Acme/CN=alice`, `CN=alice, O=Acme`, or letters that are not
 * ASCII.
 */
export function isDistinguishedName(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text) && TEXT.test(text);
}

function unescapedSplit(text: string, separator: string): string[] {
  return text.split(new RegExp(String.raw`(?<=(?<!\\)(?:\\\\)*)${separator}`));
}

function bytesEscaped(text: string): string {
  const hex = (byte: number) => `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return text.replace(/[^\x20-\x7e]/gu, (character) => [...Buffer.from(character)].map(hex).join(""));
}
