import { X509Certificate } from "node:crypto";

import { pemCertificates, pemRevocationLists } from "../rules/pem.ts";
import { issuerOf, subjectOf } from "./ca-identity.ts";
import { pathLengthOf } from "./issuer-check.ts";
import { certificateProblem, pemProblem } from "./pem.ts";
import { keyProblem } from "./private-key.ts";
import { isKnown, type Problem } from "./resource-type.ts";

/** nginx takes no shorter one: OpenSSL's security level 2, which asks for 112 bits of strength. */
const LEAST_RSA_BITS = 2048;

/** A CA that somebody brings along: inputs of `mtls:index:CaCertificate`. */
export interface CaInputs {
  certPem: string;
  privateKeyPem?: string;
  chainPem?: string;
  crlPem?: string;
}

/** Everything for which nothing can be issued below such a CA, or nobody would accept it; as far as it is known. */
export async function caProblems(inputs: CaInputs): Promise<Problem[]> {
  const { certPem: given, privateKeyPem, chainPem = "", crlPem } = inputs;
  if (!isKnown(given)) return [];
  const reason = certificateProblem(given) ?? countProblem(pemCertificates(given).length);
  if (reason) return [{ property: "certPem", reason }];

  const certPem = pemCertificates(given)[0]!; // without what a file may have around it
  const cert = new X509Certificate(certPem);
  const signs = privateKeyPem !== undefined && isKnown(privateKeyPem);
  const lists = crlPem !== undefined && isKnown(crlPem);
  return [
    ...(await authorityProblems(certPem)).map((problem) => ({ property: "certPem", reason: problem })),
    ...(signs ? keyProblem("privateKeyPem", privateKeyPem, cert) : []),
    ...(isKnown(chainPem) ? await chainProblems(certPem, chainPem) : []),
    ...(lists ? await crlProblems(crlPem, certPem) : []),
  ];
}

function countProblem(count: number): string | undefined {
  if (count === 1) return undefined;
  return `must be the certificate of one CA, got ${count}: give the CAs above it by themselves`;
}

/** What a certificate lacks to be one of a CA today. */
async function authorityProblems(pem: string): Promise<string[]> {
  const cert = new X509Certificate(pem);
  const { isCa, keyCertSign } = (await import("./x509/ca-facts.ts")).caFactsOf(pem);
  const [start, end, now] = [Date.parse(cert.validFrom), Date.parse(cert.validTo), Date.now()];
  const name = subjectOf(cert);
  const bits = cert.publicKey.asymmetricKeyDetails?.modulusLength ?? Infinity; // of RSA only
  return [
    ...(name === ""
      ? ["must have a subject: a CA needs one (RFC 5280, 4.1.2.6); have it issued anew with a name"]
      : []),
    ...(isCa ? [] : [`must be of a CA, got '${name}' without basicConstraints CA:TRUE`]),
    ...(keyCertSign ? [] : [`must be of a CA, got '${name}' without keyUsage keyCertSign`]),
    ...(bits < LEAST_RSA_BITS
      ? [`must have an RSA key of at least ${LEAST_RSA_BITS} bits, got '${name}' with ${bits}: make the CA anew`]
      : []),
    ...(start > now ? [`must be valid now, got '${name}', which begins ${new Date(start).toISOString()}`] : []),
    ...(end <= now ? [`must be valid now, got '${name}', which has ended ${new Date(end).toISOString()}`] : []),
  ];
}

/** The CAs above must lead, one by one, to a root. */
async function chainProblems(certPem: string, chainPem: string): Promise<Problem[]> {
  const problem = (reason: string) => [{ property: "chainPem", reason }];
  const unreadable = chainPem.trim() === "" ? undefined : certificateProblem(chainPem);
  if (unreadable) return problem(unreadable);

  const pems = [certPem, ...pemCertificates(chainPem)];
  const certs = pems.map((pem) => new X509Certificate(pem));
  const broken = certs.flatMap((cert, position) => linkProblem(cert, certs[position + 1]) ?? []);
  if (broken.length > 0) return problem(broken[0]!);

  const { caFactsOf } = await import("./x509/ca-facts.ts");
  const above = pems.slice(1).map(caFactsOf);
  const isTooLong = above.length > 0 && pathLengthOf(above) === 0;
  return [
    ...(await Promise.all(pems.slice(1).map(authorityProblems))).flat().flatMap(problem),
    ...(isTooLong ? problem(`must let a CA follow, got a pathlen that '${subjectOf(certs[0]!)}' exceeds`) : []),
  ];
}

/** Why the one certificate is not issued by the next; without a next one it must be a root. */
function linkProblem(cert: X509Certificate, next: X509Certificate | undefined): string | undefined {
  const isRoot = cert.issuer === cert.subject && cert.verify(cert.publicKey);
  const [name, issuer] = [subjectOf(cert), issuerOf(cert)];
  if (!next) {
    return isRoot ? undefined : `must lead to a root, and ends with '${name}': add '${issuer}', which issued it`;
  }
  if (isRoot) return `must end with the root '${name}', got '${subjectOf(next)}' after it`;
  if (cert.issuer !== next.subject) {
    return `must have '${issuer}' next, which issued '${name}', got '${subjectOf(next)}': put each CA before its issuer`;
  }
  if (cert.checkIssued(next) && cert.verify(next.publicKey)) return undefined;
  return `must have the '${issuer}' that issued '${name}', got one of that name with another key`;
}

async function crlProblems(crlPem: string, certPem: string): Promise<Problem[]> {
  const problem = (reason: string) => [{ property: "crlPem", reason }];
  const unreadable = pemProblem(crlPem, "X509 CRL");
  if (unreadable) return problem(unreadable);
  const lists = pemRevocationLists(crlPem);
  if (lists.length > 1) return problem(`must be one list, got ${lists.length}: each CA has its own`);

  const { crlFactsIn, isSignedBy } = await import("./x509/crl-facts.ts");
  const { caFactsOf } = await import("./x509/ca-facts.ts");
  const facts = ifReadable(() => crlFactsIn(crlPem)[0]);
  if (!facts) return problem("must be a revocation list, got one that cannot be parsed: it may be cut short");
  const { issuer, nextUpdate } = facts;
  const name = subjectOf(new X509Certificate(certPem));
  if (issuer !== caFactsOf(certPem).subject) return problem(`must be the list of '${name}', got that of '${issuer}'`);
  const isSigned = await isSignedBy(certPem, crlPem).catch(() => false);
  return [
    ...(isSigned ? [] : problem(`must be signed by '${name}', got a list with its name that another key has signed`)),
    ...(nextUpdate && Date.parse(nextUpdate) <= Date.now()
      ? problem(`is stale since ${nextUpdate}, so everybody would be refused: fetch the CA's next one`)
      : []),
  ];
}

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
