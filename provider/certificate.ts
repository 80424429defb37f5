import { X509Certificate } from "node:crypto";

import { canonicalAddress, isDnsName, isIpAddress, isWildcardDnsName } from "./names.ts";
import { changedProperties, isKnown, type Problem, type Properties, type ResourceType } from "./resource-type.ts";
import { factsOf } from "./x509/facts.ts";
import { EXTENDED_KEY_USAGES, KEY_USAGES, type CertificateRequest, type Subject } from "./x509/request.ts";

/** Inputs of `mtls:index:Certificate`; `resources/certificate.ts` documents them for users. */
interface Inputs extends CertificateRequest {
  issuerCertPem?: string;
  issuerPrivateKeyPem: string;
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

const HOUR_MS = 3_600_000;
/** Certificates start a little in the past: the clock of a client or container may lag behind this one. */
const BACKDATE_MS = 5 * 60_000;
/** GeneralizedTime ends with the year 9999; a century is more than any certificate needs. */
const MAX_VALIDITY_HOURS = 100 * 365 * 24;

/**
 * An X.509 certificate. Every change of what it says makes a new one: a certificate cannot be edited. It is also
 * replaced when the time left is shorter than `earlyRenewalHours`, which a preview shows.
 */
export const certificate: ResourceType = {
  check(inputs) {
    const dnsNames = unique(inputs.dnsNames, (name) => name);
    const ipAddresses = unique(inputs.ipAddresses, canonicalAddress);
    const problems = [...subjectProblems(inputs), ...requestProblems(inputs), ...validityProblems(inputs)];
    return { inputs: { ...inputs, dnsNames, ipAddresses }, problems };
  },

  diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    const update = changed.filter(
      (property) =>
        property === "earlyRenewalHours" || (property === "issuerCertPem" && isSameIssuer(resource.inputs, news)),
    );
    const replace = changed.filter((property) => !update.includes(property));
    return { update, replace: replace.length === 0 && renewalIsDue(resource.outputs, news) ? ["notAfter"] : replace };
  },

  previewUpdate: ({ outputs }) => outputs,

  async create(properties) {
    const inputs = properties as unknown as Inputs;
    const { issue } = await import("./x509/issue.ts");
    const { differences } = await import("./x509/compare.ts");
    const signer = { privateKeyPem: inputs.issuerPrivateKeyPem, certPem: inputs.issuerCertPem };
    const validity = validityFrom(new Date(), inputs.validityPeriodHours, endOfIssuer(properties));

    const certPem = await issue(inputs, signer, validity);
    const wrong = differences(certPem, inputs, signer, validity);
    if (wrong.length > 0) throw new Error(`the certificate does not say what was asked: ${wrong.join("; ")}`);
    const outputs = { certPem, ...factsOf(certPem) };
    return { id: outputs.serialNumber, inputs: properties, outputs };
  },
};

/** From a moment ago for so many hours, but no longer than the issuer lives: it may be half through its own life. */
function validityFrom(now: Date, hours: number, issuerEnd?: Date) {
  const start = Math.floor((now.getTime() - BACKDATE_MS) / 1000) * 1000; // X.509 times are whole seconds
  const end = start + Math.round(hours * 3600) * 1000;
  const notAfter = new Date(Math.min(end, issuerEnd?.getTime() ?? end));
  if (notAfter <= now) {
    throw new Error(`the issuer has ended ${notAfter.toISOString()}: replace it, it can sign nothing that is valid`);
  }
  return { notBefore: new Date(start), notAfter };
}

function renewalIsDue(outputs: Properties, news: Properties): boolean {
  const notAfter = Date.parse(outputs.notAfter as string);
  if (Date.now() < notAfter - (news.earlyRenewalHours as number) * HOUR_MS) return false;
  // One that ends with its issuer gains nothing before the issuer has been renewed.
  const issuerEnd = isKnown(news.issuerCertPem) ? endOfIssuer(news) : undefined;
  return issuerEnd === undefined || issuerEnd.getTime() > notAfter;
}

// A CA that renews its own certificate with the same name and key does not make the certificates below invalid.
function isSameIssuer(olds: Properties, news: Properties): boolean {
  if (!olds.issuerCertPem || !news.issuerCertPem || olds.issuerPrivateKeyPem !== news.issuerPrivateKeyPem) return false;
  if (!isKnown(news.issuerCertPem)) return true; // being renewed: only the update will tell, the key is the same
  const [a, b] = [olds.issuerCertPem, news.issuerCertPem].map((pem) => new X509Certificate(pem as string));
  return a!.subject === b!.subject && a!.publicKey.equals(b!.publicKey);
}

/** When the certificate's issuer ends; a self-signed one has none. */
function endOfIssuer({ issuerCertPem }: Properties): Date | undefined {
  return issuerCertPem ? new Date(new X509Certificate(issuerCertPem as string).validTo) : undefined;
}

function validityProblems(inputs: Properties): Problem[] {
  const { validityPeriodHours: hours, earlyRenewalHours: early, issuerCertPem } = inputs as unknown as Inputs;
  const problems: Problem[] = [];
  if (isKnown(hours) && !(hours > 0 && hours <= MAX_VALIDITY_HOURS)) {
    problems.push({
      property: "validityPeriodHours",
      reason: `must be more than 0 and at most ${MAX_VALIDITY_HOURS} (100 years), got ${hours}`,
    });
  }
  if (isKnown(early) && isKnown(hours) && !(early >= 0 && early < hours)) {
    problems.push({
      property: "earlyRenewalHours",
      reason: `must be at least 0 and less than 'validityPeriodHours' (${hours}), got ${early}`,
    });
  }
  if (issuerCertPem && isKnown(issuerCertPem) && isKnown(hours)) {
    const issuer = new X509Certificate(issuerCertPem);
    const lifetime = (Date.parse(issuer.validTo) - Date.parse(issuer.validFrom)) / HOUR_MS;
    if (hours >= lifetime) {
      problems.push({
        property: "validityPeriodHours",
        reason: `must be less than the issuer's ${lifetime}, got ${hours}: lower it, or raise the issuer's`,
      });
    }
  }
  return problems;
}

function subjectProblems({ subject }: Properties): Problem[] {
  if (!isKnown(subject)) return [];
  const { commonName, country } = subject as Subject;
  const problems: Problem[] = [];
  if (isKnown(commonName) && !(commonName.length >= 1 && commonName.length <= 64)) {
    problems.push({ property: "subject.commonName", reason: `must have 1 to 64 characters, got '${commonName}'` });
  }
  if (country && isKnown(country) && !/^[A-Z]{2}$/.test(country)) {
    problems.push({ property: "subject.country", reason: `must be two capital letters (ISO 3166), got '${country}'` });
  }
  return problems;
}

function requestProblems(inputs: Properties): Problem[] {
  const request = inputs as unknown as CertificateRequest;
  const { maxPathLength, isCa, keyUsages } = request;
  const problems: Problem[] = [];
  if (maxPathLength !== undefined && !isCa) {
    problems.push({ property: "maxPathLength", reason: "is only allowed with isCa (RFC 5280, 4.2.1.9)" });
  }
  if (
    maxPathLength !== undefined &&
    isKnown(maxPathLength) &&
    !(Number.isInteger(maxPathLength) && maxPathLength >= 0)
  ) {
    problems.push({ property: "maxPathLength", reason: `must be a whole number of at least 0, got ${maxPathLength}` });
  }
  if (keyUsages.length === 0) {
    problems.push({ property: "keyUsages", reason: "must name at least one usage (RFC 5280, 4.2.1.3)" });
  }
  problems.push(
    ...items("keyUsages", request.keyUsages, (usage) => KEY_USAGES.includes(usage), `one of ${KEY_USAGES.join(", ")}`),
    ...items(
      "extendedKeyUsages",
      request.extendedKeyUsages,
      (usage) => EXTENDED_KEY_USAGES.includes(usage),
      `one of ${EXTENDED_KEY_USAGES.join(", ")}`,
    ),
    ...items(
      "dnsNames",
      request.dnsNames,
      (name) => isDnsName(name) || isWildcardDnsName(name),
      "a DNS name, or one under a leading '*.'",
    ),
    ...items("ipAddresses", request.ipAddresses, isIpAddress, "an IPv4 or IPv6 address"),
  );
  return problems;
}

function items<T>(property: string, values: T[], isValid: (value: T) => boolean, allowed: string): Problem[] {
  if (!isKnown(values)) return [];
  return values.flatMap((value, position) =>
    isKnown(value) && !isValid(value)
      ? [{ property: `${property}[${position}]`, reason: `must be ${allowed}, got '${String(value)}'` }]
      : [],
  );
}

// The order of names means nothing in a certificate: a mere reorder must not replace it.
function unique(values: unknown, canonical: (value: string) => string): unknown {
  return Array.isArray(values) ? [...new Set((values as string[]).map(canonical))].sort() : values;
}
