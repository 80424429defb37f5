import { X509Certificate } from "node:crypto";

import { HOUR_MS } from "../rules/lifetime.ts";
import { forbiddenName } from "../rules/name-constraints.ts";
import { startOf } from "../rules/not-before.ts";
import { pemCertificates } from "../rules/pem.ts";
import { subjectOf } from "./ca-identity.ts";
import { certificateProblem } from "./pem.ts";
import { keyProblem } from "./private-key.ts";
import { isKnown, type Problem, type Properties } from "./resource-type.ts";
import type { CaFacts } from "./x509/ca-facts.ts";
import type { CertificateRequest } from "./x509/request.ts";

/** What of a certificate's inputs its issuer has to do with. */
interface Inputs extends CertificateRequest {
  issuerCertPem?: string;
  issuerChainPem?: string;
  issuerPrivateKeyPem?: string;
  notBefore: string;
  validityPeriodHours: number;
}

/** Everything for which the issuer cannot sign such a certificate, as far as it is known. */
export async function issuerProblems(properties: Properties): Promise<Problem[]> {
  const inputs = properties as unknown as Inputs;
  const { issuerCertPem, issuerChainPem, issuerPrivateKeyPem } = inputs;
  if (!issuerCertPem || !isKnown(issuerCertPem)) return [];
  const unreadable = certificateProblem(issuerCertPem);
  if (unreadable) return [{ property: "issuerCertPem", reason: unreadable }];

  const [{ caFactsOf }, { subjectText }] = await Promise.all([import("./x509/ca-facts.ts"), import("./x509/issue.ts")]);
  const issuer = new X509Certificate(issuerCertPem);
  const facts = caFactsOf(issuerCertPem);
  const cas = [facts, ...pemCertificates(issuerChainPem ?? "").map(caFactsOf)];
  return [
    ...signingProblems(issuer, facts, issuerPrivateKeyPem),
    ...endProblems(issuer, inputs),
    // With the same name a verifier takes it for self-signed (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT).
    ...(isKnown(inputs.subject) && subjectText(inputs.subject) === facts.subject
      ? [{ property: "subject", reason: `must differ from the issuer's, got '${subjectOf(issuer)}' again` }]
      : []),
    ...pathProblems(pathLengthOf(cas), inputs),
    ...nameProblems(cas, inputs),
  ];
}

/** How many CAs may follow below the first, by what each of them and those above say. Undefined: no limit. */
export function pathLengthOf(cas: Pick<CaFacts, "pathLength">[]): number | undefined {
  const limits = cas.flatMap(({ pathLength }, between) => (pathLength === undefined ? [] : [pathLength - between]));
  return limits.length > 0 ? Math.max(0, Math.min(...limits)) : undefined;
}

function signingProblems(issuer: X509Certificate, facts: CaFacts, key: string | undefined): Problem[] {
  if (!facts.isCa || !facts.keyCertSign) {
    const lacks = facts.isCa ? "keyUsage keyCertSign" : "basicConstraints CA:TRUE";
    return [{ property: "issuerCertPem", reason: `must be of a CA, got '${subjectOf(issuer)}' without ${lacks}` }];
  }
  if (key === undefined || !isKnown(key)) return [];
  return keyProblem("issuerPrivateKeyPem", key, issuer);
}

// One that has less left than asked is no problem: the certificate ends with it.
function endProblems(issuer: X509Certificate, { notBefore, validityPeriodHours: hours }: Inputs): Problem[] {
  if (!isKnown(hours) || !isKnown(notBefore)) return [];
  const now = Date.now();
  const end = Date.parse(issuer.validTo);
  const leafEnd = startOf(notBefore, new Date(now)).getTime() + hours * HOUR_MS;
  if (end > now || leafEnd <= now) return [];
  return [{ property: "issuerCertPem", reason: `has ended ${new Date(end).toISOString()}: renew the issuer first` }];
}

function pathProblems(limit: number | undefined, { isCa, maxPathLength }: Inputs): Problem[] {
  if (!isCa || !isKnown(isCa) || limit === undefined) return [];
  if (limit === 0) {
    return [{ property: "isCa", reason: "must be false: the issuer's maxPathLength is 0, it may sign no further CA" }];
  }
  if (maxPathLength !== undefined && (!isKnown(maxPathLength) || maxPathLength < limit)) return [];
  const got = maxPathLength === undefined ? "no limit" : `${maxPathLength}`;
  return [{ property: "maxPathLength", reason: `must be less than the issuer's ${limit}, got ${got}` }];
}

/** The first name that the issuer, or a CA above it, may not certify. */
export function nameProblems(cas: Pick<CaFacts, "nameConstraints">[], inputs: CertificateRequest): Problem[] {
  const { subject, dnsNames, ipAddresses, emailAddresses = [] } = inputs;
  const constraints = cas.flatMap(({ nameConstraints }) => nameConstraints ?? []);
  if (constraints.length === 0 || inputs.isCa || ![subject, dnsNames, ipAddresses, emailAddresses].every(isKnown))
    return [];
  const known = {
    dnsNames: dnsNames.filter(isKnown),
    ipAddresses: ipAddresses.filter(isKnown),
    emailAddresses: emailAddresses.filter(isKnown),
  };
  // It counts only beside no DNS name, known or not.
  const commonName = dnsNames.length === 0 ? subject.commonName : "";
  const name = constraints.map((each) => forbiddenName(each, { commonName, ...known })).find((each) => each);
  if (name === undefined) return [];
  const property = Object.entries(known).find(([, values]) => values.includes(name))?.[0];
  return [
    {
      property: property ?? "subject.commonName",
      reason: `has '${name}', which the issuer's name constraints forbid: choose another, or another issuer`,
    },
  ];
}
