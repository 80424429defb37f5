import { X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { certificateProblem, pemProblem } from "../../provider/pem.ts";
import { openssl } from "../openssl.ts";
import { type Identity, identity } from "../test-pki.ts";

let alice: Identity;
let bob: Identity;

beforeAll(async () => {
  alice = await identity({ subject: { commonName: "alice" } });
  bob = await identity({ subject: { commonName: "bob" } });
});

/** The DER of Alice's certificate. */
const der = () => new X509Certificate(alice.certPem).raw;
/** Alice's certificate without its last lines. */
const cutShort = () => alice.certPem.split("\n").slice(0, -4).join("\n");

const CUT_SHORT = "must be a certificate, got one that cannot be parsed: it may be cut short";
const DER = "must be PEM, got DER: convert it with `openssl x509 -inform DER`";
const CRLF = "must be PEM with line feeds, got carriage returns: convert it, for example with dos2unix";

describe("a text", () => {
  it.each<[string, () => string]>([
    ["one certificate", () => alice.certPem],
    ["one without a newline at its end", () => alice.certPem.trim()],
    ["several, one after the other", () => alice.certPem + bob.certPem],
    ["what openssl prints before it", () => openssl(["x509", "-text"], alice.certPem)],
  ])("with %s is taken", (_, text) => {
    expect(certificateProblem(text())).toBeUndefined();
  });

  it.each<[string, () => string, string]>([
    ["nothing", () => "", 'must be PEM with the label CERTIFICATE, got ""'],
    ["a path", () => "/etc/ssl/certs/ca.pem", 'must be PEM with the label CERTIFICATE, got "/etc/ssl/certs/ca.pe"'],
    ["a key", () => alice.privateKeyPem, "must be PEM with the label CERTIFICATE, got PRIVATE KEY"],
    ["a request", () => "-----BEGIN CERTIFICATE REQUEST-----\n", `${labelled("CERTIFICATE REQUEST")}`],
    ["OpenSSL's own form", () => openssl(["x509", "-trustout"], alice.certPem), labelled("TRUSTED CERTIFICATE")],
    ["DER, read as UTF-8", () => der().toString("utf8"), DER],
    ["DER, read as Latin-1", () => der().toString("latin1"), DER],
    [
      "a byte order mark before it",
      () => `\ufeff${alice.certPem}`,
      "must be PEM, got a byte order mark before it: save it without BOM",
    ],
    ["the line ends of Windows", () => alice.certPem.replaceAll("\n", "\r\n"), CRLF],
    ["the line ends of Windows after its last line", () => `${alice.certPem}\r\n`, CRLF],
    ["a certificate that is cut short", cutShort, CUT_SHORT],
    ["a second one that is cut short", () => bob.certPem + cutShort(), CUT_SHORT],
    ["one that is cut short and another", () => `${cutShort()}\n${bob.certPem}`, CUT_SHORT],
    ["a certificate without its first half", () => withoutHalf(alice.certPem), CUT_SHORT],
    [
      "a key and then its certificate",
      () => alice.privateKeyPem + alice.certPem,
      "must be a certificate alone, got a private key with it: take the key out, and give it by itself",
    ],
    ["what is no certificate under the label", () => relabelled(alice.privateKeyPem), CUT_SHORT],
    ["nothing between the lines", () => relabelled(""), CUT_SHORT],
  ])("with %s is not, and the sentence says what it is", (_, text, sentence) => {
    expect(certificateProblem(text())).toBe(sentence);
  });

  it("may be asked for under another label", () => {
    expect(pemProblem(alice.privateKeyPem, "PRIVATE KEY")).toBeUndefined();
    expect(pemProblem(alice.certPem, "PRIVATE KEY")).toBe("must be PEM with the label PRIVATE KEY, got CERTIFICATE");
  });
});

function labelled(label: string): string {
  return `must be PEM with the label CERTIFICATE, got ${label}`;
}

/** A text's base64 as if it were a certificate's. */
function relabelled(pem: string): string {
  const base64 = pem.replace(/-----[^-]+-----\n/g, "");
  return `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`;
}

function withoutHalf(pem: string): string {
  const lines = pem.trim().split("\n").slice(1, -1);
  return relabelled(`${lines.slice(lines.length / 2).join("\n")}\n`);
}
