import { X509Certificate } from "node:crypto";

import { pemCertificates } from "../rules/pem.ts";

/** What is wrong with a text that should be PEM (RFC 7468), as the end of a sentence. Undefined: nothing. */
export function pemProblem(text: string, label = "CERTIFICATE"): string | undefined {
  if (text.startsWith("\ufeff")) return "must be PEM, got a byte order mark before it: save it without BOM";
  // A SEQUENCE of more than 127 bytes, read as text of any encoding.
  if (/^0[\x80-\x85\ufffd]/.test(text)) return "must be PEM, got DER: convert it with `openssl x509 -inform DER`";
  if (text.includes("\r"))
    return "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix";
  if (text.includes(`-----BEGIN ${label}-----`)) return undefined;
  const [, found] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (found) return `must be PEM with the label ${label}, got ${found}`;
  return `must be PEM with the label ${label}, got ${JSON.stringify(text.slice(0, 20))}`;
}

/** What is wrong with a text that should hold certificates, as the end of a sentence. */
export function certificateProblem(text: string): string | undefined {
  const problem = pemProblem(text);
  if (problem) return problem;
  const found = pemCertificates(text);
  const isWhole = found.length === text.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (isWhole && found.every(canBeParsed)) return undefined;
  return "must be a certificate, got one that cannot be parsed: it may be cut short";
}

function canBeParsed(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
