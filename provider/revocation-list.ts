import { X509Certificate } from "node:crypto";

import { HOUR_MS } from "../rules/lifetime.ts";
import { DEFAULT_NOT_BEFORE, startOf } from "../rules/not-before.ts";
import { isRevocationReason, REVOCATION_REASONS, type RevocationReason } from "../rules/revocation-reasons.ts";
import { isSameIssuer, subjectOf } from "./ca-identity.ts";
import { lifetimeProblems, type Lifetime } from "./lifetime-check.ts";
import { certificateProblem } from "./pem.ts";
import { keyProblem } from "./private-key.ts";
import {
  changedProperties,
  isKnown,
  type Problem,
  type Properties,
  type Resource,
  type ResourceType,
} from "./resource-type.ts";
import type { CrlEntry } from "./x509/crl.ts";

/** Inputs of `mtls:index:RevocationList`; `resources/revocation-list.ts` documents them for users. */
interface Inputs extends Lifetime {
  issuerCertPem: string;
  issuerPrivateKeyPem?: string;
  revoked: RevokedInput[];
}

interface RevokedInput {
  id: string;
  serialNumber?: string;
  reason: RevocationReason;
}

/** What is in the list, and for whom it was put there. */
interface Entry extends CrlEntry {
  id: string;
}

/** The revocation list of one CA. Each change is a new list with a higher number; the certificates stay as they are. */
export const revocationList: ResourceType = {
  async check(inputs, olds) {
    const problems = problemsOf(inputs);
    const isAsked = olds !== undefined || problems.length > 0;
    return { inputs, problems: isAsked ? problems : await firstListProblems(inputs) };
  },

  diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    if (changed.includes("issuerCertPem") && !isSameIssuer(resource.inputs, news)) {
      return { update: [], replace: ["issuerCertPem"] };
    }
    if (isToBeSigned(resource, news)) keyOf(inputsOf(news)); // a preview shall say so, too
    return { update: changed.length > 0 || !isDue(resource.outputs, news) ? changed : ["nextUpdate"], replace: [] };
  },

  async create(properties) {
    const outputs = await listed(inputsOf(properties), [], 1);
    return { id: `${outputs.crlNumber}`, inputs: properties, outputs };
  },

  async update(resource, news) {
    const { outputs } = resource;
    if (!isToBeSigned(resource, news)) return outputs;
    return listed(inputsOf(news), outputs.entries as Entry[], (outputs.crlNumber as number) + 1);
  },

  previewUpdate: (resource, news) => (isToBeSigned(resource, news) ? {} : resource.outputs),
};

// Who signs it and how long the next one lives are no reason for a new one.
function isToBeSigned({ inputs, outputs }: Resource, news: Properties): boolean {
  return changedProperties(inputs, news).includes("revoked") || isDue(outputs, news);
}

function keyOf({ issuerCertPem, issuerPrivateKeyPem }: Inputs): string {
  if (issuerPrivateKeyPem) return issuerPrivateKeyPem;
  const ca = isKnown(issuerCertPem) ? `'${subjectOf(new X509Certificate(issuerCertPem))}'` : "the CA";
  throw new Error(`the revocation list of ${ca} is to be signed, and its key is not here: bring it back`);
}

/** Signs the list. What was in it for the same id stays: a certificate that was renewed since is revoked as well. */
async function listed(inputs: Inputs, olds: Entry[], crlNumber: number): Promise<Properties & { crlNumber: number }> {
  const { issuerCertPem, revoked, validityPeriodHours } = inputs;
  const privateKeyPem = keyOf(inputs);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const entries = entriesOf(revoked, olds, new Date(now));
  const thisUpdate = startOf(DEFAULT_NOT_BEFORE, new Date(now)); // as for certificates: the clock of a verifier may lag
  const end = now + Math.round(validityPeriodHours * 3600) * 1000;
  const nextUpdate = new Date(Math.min(end, Date.parse(new X509Certificate(issuerCertPem).validTo)));
  const request = { number: crlNumber, thisUpdate, nextUpdate, entries: oncePerCertificate(entries) };

  const { issueCrl, crlDifferences } = await import("./x509/crl.ts");
  const crlPem = await issueCrl(request, { privateKeyPem, certPem: issuerCertPem });
  const wrong = await crlDifferences(crlPem, request, issuerCertPem);
  if (wrong.length > 0) throw new Error(`the revocation list does not say what was asked: ${wrong.join("; ")}`);
  return { crlPem, crlNumber, thisUpdate: thisUpdate.toISOString(), nextUpdate: nextUpdate.toISOString(), entries };
}

/** For each id what was and is its own: a certificate may be revoked by its serial number and by its name. */
function entriesOf(revoked: RevokedInput[], olds: Entry[], now: Date): Entry[] {
  return revoked.flatMap(({ id, serialNumber, reason }) => {
    const known = olds.filter((old) => old.id === id).map((old) => ({ ...old, reason }));
    if (serialNumber === undefined || known.some((old) => old.serialNumber === serialNumber)) return known;
    const revokedAt = olds.find((old) => old.serialNumber === serialNumber)?.revokedAt ?? now.toISOString();
    return [...known, { id, serialNumber, reason, revokedAt }];
  });
}

/** A certificate is in a list once; the last that revokes it gives the reason. */
function oncePerCertificate(entries: Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.serialNumber, entry])).values()];
}

function isDue({ nextUpdate }: Properties, { earlyRenewalHours, issuerCertPem }: Properties): boolean {
  if (!isKnown(earlyRenewalHours)) return false;
  const end = Date.parse(nextUpdate as string);
  if (Date.now() < end - (earlyRenewalHours as number) * HOUR_MS) return false;
  // One that ends with its issuer gains nothing before the issuer has been renewed.
  return !isKnown(issuerCertPem) || Date.parse(new X509Certificate(issuerCertPem as string).validTo) > end;
}

/** What a CA needs to sign a list. Later it is needed only when another is to be signed. */
async function firstListProblems({ issuerCertPem, issuerPrivateKeyPem }: Properties): Promise<Problem[]> {
  if (!issuerPrivateKeyPem) {
    const reason =
      "must sign the list, and it is not here: bring it back, or use the list that the CA itself gives out";
    return [{ property: "issuerPrivateKeyPem", reason }];
  }
  if (!isKnown(issuerCertPem)) return [];
  const pem = issuerCertPem as string;
  if ((await import("./x509/ca-facts.ts")).caFactsOf(pem).cRLSign) return [];
  const reason = `must be of a CA that may sign lists, got '${subjectOf(new X509Certificate(pem))}' without keyUsage cRLSign`;
  return [{ property: "issuerCertPem", reason }];
}

function problemsOf(properties: Properties): Problem[] {
  const { issuerCertPem, issuerPrivateKeyPem, revoked, ...lifetime } = inputsOf(properties);
  const problems: Problem[] = [];
  if (isKnown(issuerCertPem)) {
    const reason = certificateProblem(issuerCertPem);
    if (reason) problems.push({ property: "issuerCertPem", reason });
    else if (issuerPrivateKeyPem && isKnown(issuerPrivateKeyPem)) {
      problems.push(...keyProblem("issuerPrivateKeyPem", issuerPrivateKeyPem, new X509Certificate(issuerCertPem)));
    }
  }
  if (isKnown(revoked)) problems.push(...revoked.flatMap(entryProblems));
  problems.push(...lifetimeProblems(lifetime));
  return problems;
}

function entryProblems(entry: RevokedInput, position: number, all: RevokedInput[]): Problem[] {
  if (!isKnown(entry)) return [];
  const { serialNumber, reason } = entry;
  const problems: Problem[] = [];
  const property = `revoked[${position}]`;
  const isGiven = serialNumber !== undefined && isKnown(serialNumber);
  if (isGiven && !/^(?!00)([0-9A-F]{2}){1,20}$/.test(serialNumber)) {
    const allowed = "hexadecimal in capitals, of 1 to 20 octets";
    problems.push({ property: `${property}.serialNumber`, reason: `must be ${allowed}, got '${serialNumber}'` });
  }
  const twin = all.findIndex((other) => other.serialNumber === serialNumber);
  if (isGiven && twin < position) {
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
