import { constraintProblems, type NameSubtrees } from "../rules/name-constraints.ts";
import { canonicalAddress, isDnsName, isEmailAddress, isIpAddress, isUri, isWildcardDnsName } from "../rules/names.ts";
import { DEFAULT_NOT_BEFORE, isMoment, isNotBefore, NOT_BEFORE_ALLOWED, startOf } from "../rules/not-before.ts";
import type { RawExtension } from "../rules/raw-extension.ts";
import type { CertificateInputs } from "./certificate.ts";
import { lifetimeProblems } from "./lifetime-check.ts";
import { isKnown, type Problem, type Properties } from "./resource-type.ts";
import { EXTENDED_KEY_USAGES, KEY_USAGES, type KeyUsage, OWN_EXTENSIONS } from "./x509/request.ts";

const OID = /^[0-2](\.(0|[1-9]\d*))+$/;

/** The kinds of lists, and what each item must be. */
const ITEMS: [property: keyof CertificateInputs, isValid: (item: string) => boolean, allowed: string][] = [
  ["keyUsages", (usage) => KEY_USAGES.includes(usage as KeyUsage), `one of ${KEY_USAGES.join(", ")}`],
  [
    "extendedKeyUsages",
    (usage) => Object.hasOwn(EXTENDED_KEY_USAGES, usage) || OID.test(usage),
    `one of ${Object.keys(EXTENDED_KEY_USAGES).join(", ")}, or an OID`,
  ],
  ["dnsNames", (name) => isDnsName(name) || isWildcardDnsName(name), "a DNS name, or one under a leading '*.'"],
  ["ipAddresses", isIpAddress, "an IPv4 or IPv6 address"],
  ["emailAddresses", isEmailAddress, "a mailbox like alice@lab.test"],
  ["uris", isUri, "an absolute URI like spiffe://lab.test/web"],
  ["crlDistributionPoints", isUri, "an absolute URI"],
  ["caIssuers", isUri, "an absolute URI"],
  ["ocspResponders", isUri, "an absolute URI"],
];

/** Lists that may be left out: an empty one says the same. */
const OPTIONAL_LISTS = ["emailAddresses", "uris", "crlDistributionPoints", "caIssuers", "ocspResponders", "extensions"];

/** What cannot be left out. */
const REQUIRED = [
  "subject",
  "publicKeyPem",
  "isCa",
  "keyUsages",
  "extendedKeyUsages",
  "dnsNames",
  "ipAddresses",
  "validityPeriodHours",
  "earlyRenewalHours",
] as const satisfies (keyof CertificateInputs)[];

/** The same inputs in one form: what makes no difference in a certificate must not replace it. */
export function normalised(inputs: Properties): Properties {
  const canonical = {
    keyUsages: inOrder(inputs.keyUsages, KEY_USAGES),
    extendedKeyUsages: inOrder(inputs.extendedKeyUsages, Object.keys(EXTENDED_KEY_USAGES)),
    notBefore: canonicalMoment(inputs.notBefore ?? DEFAULT_NOT_BEFORE),
    renewedAt: canonicalMoment(inputs.renewedAt),
    dnsNames: unique(inputs.dnsNames),
    ipAddresses: unique(inputs.ipAddresses, canonicalAddress),
    emailAddresses: unique(inputs.emailAddresses),
    uris: unique(inputs.uris),
  };
  const all = { ...inputs, ...canonical };
  const isSilent = ([name, value]: [string, unknown]) =>
    value === undefined || (OPTIONAL_LISTS.includes(name) && Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(all).filter((entry) => !isSilent(entry)));
}

/** Everything that is wrong with a certificate's inputs by themselves, as the user gave them: positions are theirs. */
export function ownProblems(properties: Properties): Problem[] {
  const inputs = { notBefore: DEFAULT_NOT_BEFORE, ...properties } as unknown as CertificateInputs;
  const missing = REQUIRED.filter((property) => inputs[property] === undefined);
  if (missing.length > 0) return missing.map((property) => ({ property, reason: "is missing: it is required" }));
  return [
    ...subjectProblems(inputs),
    ...pathLengthProblems(inputs),
    ...(inputs.keyUsages.length === 0
      ? [{ property: "keyUsages", reason: "must name at least one usage (RFC 5280, 4.2.1.3)" }]
      : []),
    ...ITEMS.flatMap(([property, isValid, allowed]) =>
      items(property, inputs[property] as string[] | undefined, isValid, allowed),
    ),
    ...nameConstraintProblems(inputs),
    ...extensionProblems(inputs.extensions),
    ...validityProblems(inputs),
  ];
}

/** What is wrong with a distinguished name. */
export function subjectProblems({ subject }: Pick<CertificateInputs, "subject">): Problem[] {
  if (!isKnown(subject)) return [];
  const { commonName, country } = subject;
  const problems: Problem[] = [];
  if (commonName === undefined) {
    problems.push({ property: "subject.commonName", reason: "is missing: it is required" });
  } else if (isKnown(commonName) && !(commonName.length >= 1 && commonName.length <= 64)) {
    problems.push({ property: "subject.commonName", reason: `must have 1 to 64 characters, got '${commonName}'` });
  }
  if (country && isKnown(country) && !/^[A-Z]{2}$/.test(country)) {
    problems.push({ property: "subject.country", reason: `must be two capital letters (ISO 3166), got '${country}'` });
  }
  return problems;
}

/** What is wrong with basicConstraints. */
export function pathLengthProblems(inputs: Pick<CertificateInputs, "maxPathLength" | "isCa">): Problem[] {
  const { maxPathLength: limit, isCa } = inputs;
  if (limit === undefined) return [];
  const problems: Problem[] = [];
  if (!isCa) problems.push({ property: "maxPathLength", reason: "is only allowed with isCa (RFC 5280, 4.2.1.9)" });
  if (isKnown(limit) && !(Number.isInteger(limit) && limit >= 0)) {
    problems.push({ property: "maxPathLength", reason: `must be a whole number of at least 0, got ${limit}` });
  }
  return problems;
}

function nameConstraintProblems({ nameConstraints, isCa }: CertificateInputs): Problem[] {
  if (nameConstraints === undefined || !isKnown(nameConstraints)) return [];
  const { permitted, excluded } = nameConstraints;
  const problems = constraintProblems({ permitted: assumed(permitted), excluded: assumed(excluded) }).map(
    ({ property, reason }) => ({ property: `nameConstraints.${property}`, reason }),
  );
  if (!isCa) problems.push({ property: "nameConstraints", reason: "is only allowed with isCa (RFC 5280, 4.2.1.10)" });
  return problems;
}

/** With right entries in place of those that are not known yet. */
function assumed(subtrees: NameSubtrees | undefined): NameSubtrees | undefined {
  const right: Required<NameSubtrees> = { dnsNames: ["x"], ipRanges: ["::/0"], emailAddresses: ["x"] };
  if (subtrees === undefined) return undefined;
  if (!isKnown(subtrees)) return right;
  const kinds = Object.entries(subtrees) as [keyof NameSubtrees, string[]][];
  return Object.fromEntries(
    kinds.map(([kind, entries]) => [
      kind,
      isKnown(entries) ? entries.map((entry) => (isKnown(entry) ? entry : right[kind][0])) : right[kind],
    ]),
  );
}

function extensionProblems(extensions: RawExtension[] = []): Problem[] {
  if (!isKnown(extensions)) return [];
  return extensions.flatMap((extension, position) => {
    if (!isKnown(extension)) return [];
    const { oid, valueBase64 } = extension;
    const problems: Problem[] = [];
    const property = `extensions[${position}]`;
    if (isKnown(oid) && !OID.test(oid)) {
      problems.push({ property: `${property}.oid`, reason: `must be an OID like 1.3.6.1.5.5.7.1.24, got '${oid}'` });
    }
    if (Object.hasOwn(OWN_EXTENSIONS, oid)) {
      problems.push({
        property: `${property}.oid`,
        reason: `must not be ${oid}, which ${OWN_EXTENSIONS[oid]} decides`,
      });
    }
    const twin = extensions.findIndex((other) => other.oid === oid);
    if (isKnown(oid) && twin < position) {
      problems.push({
        property: `${property}.oid`,
        reason: `is given already by extensions[${twin}]: a certificate has an extension once (RFC 5280, 4.2)`,
      });
    }
    if (isKnown(valueBase64) && !isBase64(valueBase64)) {
      problems.push({ property: `${property}.valueBase64`, reason: "must be DER in base64" });
    }
    return problems;
  });
}

function isBase64(text: string): boolean {
  return text !== "" && Buffer.from(text, "base64").toString("base64") === text;
}

function validityProblems(inputs: CertificateInputs): Problem[] {
  const { notBefore, renewedAt } = inputs;
  const problems = lifetimeProblems(inputs);
  if (isKnown(notBefore) && !isNotBefore(notBefore)) {
    problems.push({ property: "notBefore", reason: `must be ${NOT_BEFORE_ALLOWED}, got '${notBefore}'` });
  } else if (isKnown(notBefore) && !isInYears(startOf(notBefore, new Date()))) {
    problems.push({ property: "notBefore", reason: `must be in the years 1950 to 9899, got '${notBefore}'` });
  }
  return [...problems, ...renewedAtProblems("renewedAt", renewedAt)];
}

/** What is wrong with the moment of a renewal. */
export function renewedAtProblems(property: string, renewedAt: string | undefined): Problem[] {
  if (renewedAt === undefined || !isKnown(renewedAt) || isMoment(renewedAt)) return [];
  return [{ property, reason: `must be a moment like 2030-01-31T00:00:00Z, got '${renewedAt}'` }];
}

// UTCTime begins with the year 1950, GeneralizedTime ends with 9999 (RFC 5280, 4.1.2.5), and a century may be in between.
function isInYears(start: Date): boolean {
  return start.getUTCFullYear() >= 1950 && start.getUTCFullYear() <= 9899;
}

function items(
  property: string,
  values: string[] | undefined,
  isValid: (value: string) => boolean,
  allowed: string,
): Problem[] {
  if (values === undefined || !isKnown(values)) return [];
  return values.flatMap((value, position) =>
    isKnown(value) && !isValid(value)
      ? [{ property: `${property}[${position}]`, reason: `must be ${allowed}, got '${value}'` }]
      : [],
  );
}

function unique(values: unknown, canonical = (value: string) => value): unknown {
  return Array.isArray(values) ? [...new Set((values as string[]).map(canonical))].sort() : values;
}

/** Each once, as `order` has them; others follow. */
function inOrder(values: unknown, order: readonly string[]): unknown {
  if (!Array.isArray(values)) return values;
  const given = unique(values) as string[];
  return [...order.filter((value) => given.includes(value)), ...given.filter((value) => !order.includes(value))];
}

/** A moment as X.509 has it, to the second; anything else as it is. */
function canonicalMoment(value: unknown): unknown {
  return typeof value === "string" && isMoment(value) ? value.replace(".000Z", "Z") : value;
}
