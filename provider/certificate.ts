import { X509Certificate } from "node:crypto";

import { isSameIssuer } from "./ca-identity.ts";
import { normalised, ownProblems } from "./certificate-check.ts";
import { issuerProblems } from "./issuer-check.ts";
import {
  type Change,
  changedProperties,
  isKnown,
  type Problem,
  type Properties,
  type Resource,
  type ResourceType,
} from "./resource-type.ts";
import { factsOf } from "./x509/facts.ts";
import type { CertificateRequest } from "./x509/request.ts";
import { renewalIsDue, validityFrom } from "./x509/validity.ts";

/** Inputs of `mtls:index:Certificate`; `resources/certificate.ts` documents them for users. */
export interface CertificateInputs extends CertificateRequest {
  issuerCertPem?: string;
  issuerChainPem?: string;
  issuerPrivateKeyPem?: string;
  notBefore: string;
  validityPeriodHours: number;
  earlyRenewalHours: number;
  renewedAt?: string;
}

/** What may change without another certificate: how it is renewed, and who signs the next one. */
const NOT_IN_IT = ["earlyRenewalHours", "renewedAt", "issuerPrivateKeyPem", "issuerChainPem"];

/**
 * An X.509 certificate. Every change of what it says makes a new one: a certificate cannot be edited. It is also
 * replaced when the time left is shorter than `earlyRenewalHours`, which a preview shows.
 */
export const certificate: ResourceType = {
  async check(given, olds) {
    const inputs = normalised(given);
    const own = [...ownProblems(given), ...(olds ? [] : missingKey(inputs))];
    // What was signed once need not be asked again: to look into the issuer's certificate takes time.
    const asked = own.length > 0 || (olds && changedProperties(olds, inputs).length === 0);
    return { inputs, problems: asked ? own : await issuerProblems(inputs) };
  },

  diff(resource, news) {
    const change = changeOf(resource, news);
    if (change.replace.length > 0) signerOf(news); // a preview shall say so, too
    return change;
  },

  previewUpdate: ({ outputs }) => outputs,

  async create(properties) {
    const inputs = properties as unknown as CertificateInputs;
    const signer = signerOf(properties);
    const { issue } = await import("./x509/issue.ts");
    const { differences } = await import("./x509/compare.ts");
    const now = new Date();
    const validity = validityFrom(now, inputs, endOfIssuer(properties));

    const certPem = await issue(inputs, signer, validity);
    const wrong = differences(certPem, inputs, signer, validity);
    if (wrong.length > 0) throw new Error(`the certificate does not say what was asked: ${wrong.join("; ")}`);
    const outputs = { certPem, ...factsOf(certPem), issuedAt: now.toISOString() };
    return { id: outputs.serialNumber, inputs: properties, outputs };
  },
};

function changeOf(resource: Resource, news: Properties): Change {
  const changed = changedProperties(normalised(resource.inputs), news);
  const update = changed.filter(
    (property) => NOT_IN_IT.includes(property) || (property === "issuerCertPem" && isSameIssuer(resource.inputs, news)),
  );
  const replace = changed.filter((property) => !update.includes(property));
  if (replace.length > 0) return { update, replace };
  if (isAskedFor(resource, news)) return { update, replace: ["renewedAt"] };
  return { update, replace: isDue(resource, news) ? ["notAfter"] : [] };
}

const NO_KEY = "its issuer's key is not here: bring it back for this update";

function missingKey({ issuerPrivateKeyPem }: Properties): Problem[] {
  if (issuerPrivateKeyPem) return [];
  return [{ property: "issuerPrivateKeyPem", reason: `must sign the certificate, and ${NO_KEY}` }];
}

function signerOf(properties: Properties) {
  const {
    issuerPrivateKeyPem: privateKeyPem,
    issuerCertPem: certPem,
    subject,
  } = properties as unknown as CertificateInputs;
  if (privateKeyPem) return { privateKeyPem, certPem };
  throw new Error(`'${subject.commonName}' is to be signed, and ${NO_KEY}`);
}

/** Whether the user asked for another certificate after this one was issued. A moment to come is waited for. */
function isAskedFor({ outputs }: Resource, { renewedAt }: Properties): boolean {
  if (renewedAt === undefined || !isKnown(renewedAt)) return false;
  const moment = Date.parse(renewedAt as string);
  return moment > issuedAt(outputs) && moment <= Date.now();
}

// To the second, as `renewedAt` is: what was issued in the same second was issued for it.
function issuedAt(outputs: Properties): number {
  return Math.floor(Date.parse(outputs.issuedAt as string) / 1000) * 1000;
}

function isDue({ outputs }: Resource, news: Properties): boolean {
  const asked = news as unknown as CertificateInputs;
  if (!isKnown(asked.earlyRenewalHours)) return false;
  const issuerEnd = isKnown(news.issuerCertPem) ? endOfIssuer(news) : undefined;
  return renewalIsDue(new Date(), asked, Date.parse(outputs.notAfter as string), issuerEnd);
}

/** When the certificate's issuer ends; a self-signed one has none. */
function endOfIssuer({ issuerCertPem }: Properties): Date | undefined {
  return issuerCertPem ? new Date(new X509Certificate(issuerCertPem as string).validTo) : undefined;
}
