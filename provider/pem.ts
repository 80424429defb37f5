import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n?/g;

/** What is wrong with a text that should be PEM (RFC 7468), as the end of a sentence. Undefined: nothing. */
export function pemProblem(text: string, label = "CERTIFICATE"): string | undefined {
  if (text.startsWith("\ufeff")) return "must be PEM, got a byte order mark before it: save it without BOM";
  if (text.includes("\r"))
    return "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix";
  if (text.includes(`-----BEGIN ${label}-----`)) return undefined;
  const [, found] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (found) return `must be PEM with the label ${label}, got ${found}`;
  // A SEQUENCE of more than 127 bytes, read as text of any encoding.
  if (/^0[\x80-\x85\ufffd]/.test(text)) return "must be PEM, got DER: convert it with `openssl x509 -inform DER`";
  return `must be PEM with the label ${label}, got ${JSON.stringify(text.slice(0, 20))}`;
}

/** Every certificate of a PEM text, in its order. */
export function certificatesIn(text: string): string[] {
  return (text.match(CERTIFICATE) ?? []).map((pem) => (pem.endsWith("\n") ? pem : `${pem}\n`));
}

/** What is wrong with a text that should hold certificates, as the end of a sentence. */
export function certificateProblem(text: string): string | undefined {
  const problem = pemProblem(text);
  if (problem) return problem;
  try {
    for (const pem of certificatesIn(text)) new X509Certificate(pem);
    return undefined;
  } catch {
    return "must be a certificate, got one that cannot be parsed: it may be cut short";
  }
}
