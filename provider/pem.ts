import { X509Certificate } from "node:crypto";

import { pemCertificates } from "../rules/pem.ts";

/** The command of openssl that converts what a label stands for. */
const COMMANDS = { CERTIFICATE: "x509", "X509 CRL": "crl", "PRIVATE KEY": "pkey" } as const;

/** What a PEM text may hold (RFC 7468). */
export type Label = keyof typeof COMMANDS;

/** What is wrong with a text that should be PEM, as the end of a sentence. Undefined: nothing. */
export function pemProblem(text: string, label: Label = "CERTIFICATE"): string | undefined {
  const problem = encodingProblem(text, label);
  if (problem || text.includes(`-----BEGIN ${label}-----`)) return problem;
  const [, found] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  return `must be PEM with the label ${label}, got ${found ?? JSON.stringify(text.slice(0, 20))}`;
}

/** What is wrong with the way in which a PEM text is written, whatever it holds. */
export function encodingProblem(text: string, label: Label): string | undefined {
  // A SEQUENCE of more than 127 bytes, read as text of any encoding.
  if (/^0[\x80-\x85\ufffd]/.test(text)) {
    return `must be PEM, got DER: convert it with \`openssl ${COMMANDS[label]} -inform DER\``;
  }
  if (text.startsWith("\ufeff")) return "must be PEM, got a byte order mark before it: save it without BOM";
  if (text.includes("\r")) {
    return "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix";
  }
  return undefined;
}

/** What is wrong with a text that should hold certificates, as the end of a sentence. */
export function certificateProblem(text: string): string | undefined {
  const problem = pemProblem(text);
  if (problem) return problem;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return "must be a certificate alone, got a private key with it: take the key out, and give it by itself";
  }
  const found = pemCertificates(text);
  const areWhole = found.length === text.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (areWhole && found.every(isCertificate)) return undefined;
  return "must be a certificate, got one that cannot be parsed: it may be cut short";
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) instanceof X509Certificate;
  } catch {
    return false;
  }
}
