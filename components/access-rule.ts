import { quoted } from "../rules/quoted.ts";
import type { Subject } from "../rules/subject.ts";
import type { CertificateMatch } from "./access-list.ts";
import { distinguishedName, isDistinguishedName } from "./distinguished-name.ts";
import { chainOf, type Issuer, rootOf } from "./issuer.ts";

/** A client by its name and by who certified it. A `ClientCert` is one, and so is a client of a `ClientFleet`. */
export interface Client {
  readonly issuer: Issuer;
  readonly subject: Subject;
  /**
   * What else it is called in its certificate.
   *
   * @default - nothing
   */
  readonly subjectAltNames?: readonly SubjectAltName[];
}

/** A name in a certificate's subjectAltName, as OpenSSL writes it. */
export type SubjectAltName = `${"DNS" | "URI" | "email"}:${string}`;

/**
 * Whom a location lets in. All but `serialNumber` and `fingerprintSha1` fit a renewed certificate as well.
 *
 * A client is known by its subject and its issuer, each as a whole and capitals included: a CA must not give one subject to two
 * holders (RFC 5280, 4.1.2.6).
 */
export type AccessRule =
  /** Everybody whom `verifyClient` lets in, also who sends no certificate: for a part of what is not for everybody. */
  | { everybody: true }
  /** One client. */
  | { client: Client }
  /** Several. */
  | { group: readonly Client[] }
  /** Those of `among` that have this name in their certificate: nginx itself cannot see it. */
  | { san: SubjectAltName; among: readonly Client[] }
  /** Everybody whose certificate this CA itself has signed; those of the CAs below it are not meant. */
  | { issuer: Issuer }
  /** A subject as `/whoami` shows it, `CN=alice,O=Acme`, certified by `issuer`: by default the only one of `clientIssuers`. */
  | { subject: string; issuer?: Issuer }
  /** One certificate by its number, hexadecimal, and by `issuer` as above, for each CA counts its own. */
  | { serialNumber: string; issuer?: Issuer }
  /** One certificate by the SHA-1 of its DER, 40 hexadecimal digits, with colons or without. */
  | { fingerprintSha1: string };

/** Which keys a rule may have. */
const KINDS = [
  ["everybody"],
  ["client"],
  ["group"],
  ["san", "among"],
  ["issuer"],
  ["subject"],
  ["subject", "issuer"],
  ["serialNumber"],
  ["serialNumber", "issuer"],
  ["fingerprintSha1"],
];

/**
 * The certificates that a rule fits, but for `everybody`, where it is no matter of a certificate.
 *
 * @param clientIssuers the CAs whose clients nginx lets in.
 * @param argument what the rule is called in a message.
 * @throws Error in one sentence, if it is no rule or nobody could fit it.
 */
export function matchesOf(
  rule: AccessRule,
  clientIssuers: readonly Issuer[],
  argument: string,
): CertificateMatch<Issuer>[] {
  checkKind(rule, argument);
  if ("everybody" in rule) return [];
  if ("fingerprintSha1" in rule) return [{ fingerprintSha1: fingerprint(rule.fingerprintSha1, argument) }];

  if ("client" in rule || "group" in rule || "san" in rule) {
    const clients = clientsOf(rule, argument);
    for (const ca of new Set(clients.map(({ issuer }) => issuer))) checkIssuer(ca, clientIssuers, argument);
    return clients.map(({ issuer, subject }) => ({ issuer, subject: distinguishedName(subject) }));
  }

  const issuer = rule.issuer ?? onlyOne(clientIssuers, argument);
  checkIssuer(issuer, clientIssuers, argument);
  if ("subject" in rule) return [{ issuer, subject: subjectText(rule.subject, argument) }];
  if ("serialNumber" in rule) return [{ issuer, serialNumber: serialNumber(rule.serialNumber, argument) }];
  return [{ issuer }];
}

function checkKind(rule: AccessRule, argument: string): void {
  const keys = Object.keys(rule);
  if (KINDS.some((kind) => kind.length === keys.length && kind.every((key) => key in rule))) return;
  const allowed = KINDS.map((kind) => kind.join(" and ")).join(", or ");
  throw new Error(`${argument} must have ${allowed}, got ${keys.join(" and ") || "nothing"}`);
}

type ClientRule = Extract<AccessRule, { client: unknown } | { group: unknown } | { san: unknown }>;

function clientsOf(rule: ClientRule, argument: string): readonly Client[] {
  if ("client" in rule) return [rule.client];
  if ("group" in rule) return rule.group;
  const found = rule.among.filter(({ subjectAltNames = [] }) => subjectAltNames.includes(rule.san));
  if (found.length > 0) return found;
  const names = rule.among.flatMap(({ subjectAltNames = [] }) => subjectAltNames);
  const known = names.length > 0 ? quoted(names) : "they have none";
  throw new Error(`${argument} must have a 'san' of a client in 'among' (${known}), got ${quoted(rule.san)}`);
}

/** That nginx trusts the CA, and can tell it from the others: it sees the issuer's name, not its key. */
function checkIssuer(ca: Issuer, clientIssuers: readonly Issuer[], argument: string): void {
  const about = `${argument} is about clients of ${ca.name}`;
  if (!clientIssuers.some((issuer) => rootOf(issuer) === rootOf(ca))) {
    throw new Error(`${about}, whose root is above none of the 'clientIssuers': add ${ca.name} there`);
  }
  const name = ca.subject && distinguishedName(ca.subject);
  const twin = clientIssuers
    .flatMap(chainOf)
    .find((other) => other !== ca && other.subject && distinguishedName(other.subject) === name);
  if (twin) {
    throw new Error(
      `${about}, and nginx cannot tell it from ${twin.name}, also called ${name}: give one another subject`,
    );
  }
}

function onlyOne(clientIssuers: readonly Issuer[], argument: string): Issuer {
  const [only, ...others] = clientIssuers;
  if (only && others.length === 0) return only;
  const names = clientIssuers.map(({ name }) => name).join(", ");
  throw new Error(`${argument} must have an 'issuer', for the site has several: say which of ${names}`);
}

function subjectText(text: string, argument: string): string {
  if (isDistinguishedName(text)) return text;
  throw new Error(
    `${argument} must have a 'subject' as /whoami shows it, like CN=alice,O=Acme, got ${quoted(text)}: ` +
      "leave out spaces after commas, and write \\C3\\A9 for é",
  );
}

function serialNumber(text: string, argument: string): string {
  const digits = text.replaceAll(":", "").toUpperCase();
  if (/^([0-9A-F]{2}){1,20}$/.test(digits)) return digits;
  throw new Error(
    `${argument} must have a 'serialNumber' of 1 to 20 bytes, two hexadecimal digits each, got ${quoted(text)}`,
  );
}

function fingerprint(text: string, argument: string): string {
  const digits = text.replaceAll(":", "").toLowerCase();
  if (/^[0-9a-f]{40}$/.test(digits)) return digits;
  throw new Error(
    `${argument} must have a 'fingerprintSha1' of 40 hexadecimal digits, with colons or without, got ${quoted(text)}`,
  );
}
