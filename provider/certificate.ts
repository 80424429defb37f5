import type { IssuedCertificate } from "../rules/issued-certificate.ts";
import { isSameIssuer } from "./ca-identity.ts";
import { normalised, ownProblems } from "./certificate-check.ts";
import { endOfIssuer, isAskedFor, isDue, issued, NO_KEY, type Renewal, signerOf } from "./issuance.ts";
import { issuerProblems } from "./issuer-check.ts";
import {
  type Change,
  changedProperties,
  type Problem,
  type Properties,
  type Resource,
  type ResourceType,
} from "./resource-type.ts";
import type { CertificateRequest } from "./x509/request.ts";

/** Inputs of `mtls:index:Certificate`; `resources/certificate.ts` documents them for users. */
export interface CertificateInputs extends CertificateRequest, Renewal {
  issuerCertPem?: string;
  issuerChainPem?: string;
  issuerPrivateKeyPem?: string;
}

/** What may change without another certificate: how it is renewed, and who signs the next one. */
export const NOT_IN_IT = ["earlyRenewalHours", "renewedAt", "issuerPrivateKeyPem", "issuerChainPem"];

/**
 * An X.509 certificate. Every change of what it says makes a new one: a certificate cannot be edited. It is also
 * replaced when the time left is shorter than `earlyRenewalHours`, which a preview shows.
 */
export const certificate: ResourceType = {
  async check(given, olds) {
    const inputs = normalised(given);
    const own = [...ownProblems(given), ...(olds ? [] : missingKey(inputs))];
    // What was signed once need not be asked again: to look into the issuer's certificate takes time.
    const isAnswered = own.length > 0 || (olds && changedProperties(olds, inputs).length === 0);
    return { inputs, problems: isAnswered ? own : await issuerProblems(inputs) };
  },

  diff(resource, news) {
    const change = changeOf(resource, news);
    if (change.replace.length > 0) signerOf(news, nameIn(news)); // a preview shall say so, too
    return change;
  },

  previewUpdate: ({ outputs }) => outputs,

  async create(properties) {
    const inputs = properties as unknown as CertificateInputs;
    const signer = signerOf(properties, nameIn(properties));
    const outputs = { ...(await issued(inputs, signer, endOfIssuer(properties))) };
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
  const old = resource.outputs as unknown as IssuedCertificate;
  const asked = news as unknown as CertificateInputs;
  if (isAskedFor(old, asked.renewedAt)) return { update, replace: ["renewedAt"] };
  return { update, replace: isDue(old, asked, endOfIssuer(news)) ? ["notAfter"] : [] };
}

function missingKey({ issuerPrivateKeyPem }: Properties): Problem[] {
  if (issuerPrivateKeyPem) return [];
  return [{ property: "issuerPrivateKeyPem", reason: `must sign the certificate, and ${NO_KEY}` }];
}

/** Whose certificate it is, for an error. */
function nameIn({ subject }: Properties): string {
  return `'${(subject as CertificateRequest["subject"]).commonName}'`;
}
