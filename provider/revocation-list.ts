import { X509Certificate } from "node:crypto";

import { isRevocationReason, REVOCATION_REASONS, type RevocationReason } from "../rules/revocation-reasons.ts";
import { certificateProblem } from "./pem.ts";
import { keyProblem, oneLine } from "./issuer-check.ts";
import { changedProperties, isKnown, type Problem, type Properties, type ResourceType } from "./resource-type.ts";
import type { CrlEntry } from "./x509/crl.ts";

/** Inputs of `mtls:index:RevocationList`; `resources/revocation-list.ts` documents them for users. */
interface Inputs {
  issuerCertPem: string;
  issuerPrivateKeyPem?: string;
  revoked: RevokedInput[];
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

interface RevokedInput {
  id: string;
  serialNumber: string;
  reason: RevocationReason;
}

/** What is in the list, and for whom it was put there. */
interface Entry extends CrlEntry {
  id: string;
}

const HOUR_MS = 3_600_000;
const MAX_VALIDITY_HOURS = 100 * 365 * 24;
/** As for certificates: the clock of a verifier may lag. */
const BACKDATE_MS = 5 * 60_000;

/** The revocation list of one CA. Each change is a new list with a higher number; the certificates stay as they are. */
export const revocationList: ResourceType = {
  check: (inputs) => ({ inputs, problems: problemsOf(inputs) }),

  diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    if (changed.includes("issuerCertPem") && !isSameKey(resource.inputs.issuerCertPem, news.issuerCertPem)) {
      return { update: [], replace: ["issuerCertPem"] };
    }
    return { update: changed.length > 0 || !isDue(resource.outputs, news) ? changed : ["nextUpdate"], replace: [] };
  },

  async create(properties) {
    const outputs = await listed(inputsOf(properties), [], 1);
    return { id: `${outputs.crlNumber}`, inputs: properties, outputs };
  },

  async update({ inputs, outputs }, properties) {
    const news = inputsOf(properties);
    // Who signs it and how long the next one lives are no reason for a new one.
    if (changedProperties(inputs, properties).every((name) => name !== "revoked") && !isDue(outputs, properties)) {
      return outputs;
    }
    return listed(news, outputs.entries as Entry[], (outputs.crlNumber as number) + 1);
  },

  previewUpdate({ inputs, outputs }, news) {
    const stays = changedProperties(inputs, news).every((name) => name !== "revoked") && !isDue(outputs, news);
    return stays ? outputs : {};
  },
};

/** Signs the list. What was in it for the same id stays: a certificate that was renewed since is revoked as well. */
async function listed(inputs: Inputs, olds: Entry[], crlNumber: number): Promise<Properties & { crlNumber: number }> {
  const { issuerCertPem, issuerPrivateKeyPem: privateKeyPem, revoked, validityPeriodHours } = inputs;
  const issuer = new X509Certificate(issuerCertPem);
  if (!privateKeyPem) {
    throw new Error(
      `the revocation list of '${oneLine(issuer.subject)}' is to be signed, and its key is not here: bring it back`,
    );
  }
  const now = Math.floor(Date.now() / 1000) * 1000;
  const entries = entriesOf(revoked, olds, new Date(now));
  const thisUpdate = new Date(now - BACKDATE_MS);
  const end = now + Math.round(validityPeriodHours * 3600) * 1000;
  const nextUpdate = new Date(Math.min(end, Date.parse(issuer.validTo)));
  const request = { number: crlNumber, thisUpdate, nextUpdate, entries };

  const { issueCrl, crlDifferences } = await import("./x509/crl.ts");
  const crlPem = await issueCrl(request, { privateKeyPem, certPem: issuerCertPem });
  const wrong = await crlDifferences(crlPem, request, issuerCertPem);
  if (wrong.length > 0) throw new Error(`the revocation list does not say what was asked: ${wrong.join("; ")}`);
  return { crlPem, crlNumber, thisUpdate: thisUpdate.toISOString(), nextUpdate: nextUpdate.toISOString(), entries };
}

function entriesOf(revoked: RevokedInput[], olds: Entry[], now: Date): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { id, serialNumber, reason } of revoked) {
    for (const old of olds) if (old.id === id) entries.set(old.serialNumber, { ...old, reason });
    const revokedAt = entries.get(serialNumber)?.revokedAt ?? now.toISOString();
    entries.set(serialNumber, { id, serialNumber, reason, revokedAt });
  }
  return [...entries.values()];
}

function isDue({ nextUpdate }: Properties, { earlyRenewalHours, issuerCertPem }: Properties): boolean {
  if (!isKnown(earlyRenewalHours)) return false;
  const end = Date.parse(nextUpdate as string);
  if (Date.now() < end - (earlyRenewalHours as number) * HOUR_MS) return false;
  // One that ends with its issuer gains nothing before the issuer has been renewed.
  return !isKnown(issuerCertPem) || Date.parse(new X509Certificate(issuerCertPem as string).validTo) > end;
}

function isSameKey(old: unknown, now: unknown): boolean {
  if (!isKnown(now)) return true; // being renewed: only the update will tell
  const [a, b] = [old, now].map((pem) => new X509Certificate(pem as string));
  return a!.subject === b!.subject && a!.publicKey.equals(b!.publicKey);
}

function problemsOf(properties: Properties): Problem[] {
  const { issuerCertPem, issuerPrivateKeyPem, revoked, ...rest } = inputsOf(properties);
  const { validityPeriodHours: hours, earlyRenewalHours: early } = rest;
  const problems: Problem[] = [];
  if (isKnown(issuerCertPem)) {
    const reason = certificateProblem(issuerCertPem);
    if (reason) problems.push({ property: "issuerCertPem", reason });
    else if (issuerPrivateKeyPem && isKnown(issuerPrivateKeyPem)) {
      problems.push(...keyProblem("issuerPrivateKeyPem", issuerPrivateKeyPem, new X509Certificate(issuerCertPem)));
    }
  }
  if (isKnown(revoked)) problems.push(...revoked.flatMap(entryProblems));
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

function entryProblems(entry: RevokedInput, position: number, all: RevokedInput[]): Problem[] {
  if (!isKnown(entry)) return [];
  const { serialNumber, reason } = entry;
  const problems: Problem[] = [];
  const property = `revoked[${position}]`;
  if (isKnown(serialNumber) && !/^(?!00)([0-9A-F]{2}){1,20}$/.test(serialNumber)) {
    const allowed = "hexadecimal in capitals, of 1 to 20 octets";
    problems.push({ property: `${property}.serialNumber`, reason: `must be ${allowed}, got '${serialNumber}'` });
  }
  const twin = all.findIndex((other) => other.serialNumber === serialNumber);
  if (isKnown(serialNumber) && twin < position) {
    problems.push({
      property: `${property}.serialNumber`,
      reason: `is revoked already by revoked[${twin}]: remove one`,
    });
  }
  if (isKnown(reason) && !isRevocationReason(reason)) {
    const allowed = Object.keys(REVOCATION_REASONS).join(", ");
    problems.push({ property: `${property}.reason`, reason: `must be one of ${allowed}, got '${String(reason)}'` });
  }
  return problems;
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
