import * as pulumi from "@pulumi/pulumi";

import { pemCertificates } from "../rules/pem.ts";
import { quoted } from "../rules/quoted.ts";
import { nameOfCa } from "./distinguished-name.ts";
import { chainOf, type Issuer } from "./issuer.ts";
import { renderNginxTemplate } from "./nginx-conf.ts";
import { MAX_WORD, nginxLiteral } from "./nginx-literal.ts";
import { readTemplate } from "./template-files.ts";

/** What the holders of a CA's certificates send after them. */
export interface IssuerChain {
  /** The CA's distinguished name, as nginx writes it. */
  issuer: string;
  /** The CAs from this one to the one below the root, PEM. Empty for a root. */
  chainPem: string;
}

/** The chains of these CAs and of those above them. */
export function issuerChains(cas: readonly Issuer[]): pulumi.Output<IssuerChain[]> {
  const all = [...new Set(cas.flatMap(chainOf))];
  return pulumi.all(
    all.map((ca) => pulumi.all([nameOfCa(ca), ca.chainPem]).apply(([issuer, chainPem]) => ({ issuer, chainPem }))),
  );
}

/**
 * Renders `client-chains.conf`: the chain that a service is told of the clients of each CA (RFC 9440, 2.3). There is none for
 * CAs that have one name, because nginx cannot tell whose client it is; nor for one whose name nginx cannot read.
 *
 * @throws Error in one sentence, if a certificate is no base64.
 */
export function renderClientChains(chains: readonly IssuerChain[]): string {
  const told = new Map(chains.filter((chain) => isTold(chain, chains)).map((chain) => [chain.issuer, chain.chainPem]));
  const pems = [...new Set([...told.values()].flatMap(pemCertificates))];
  const certificates = pems.map((pem, index) =>
    base64Of(pem).map((base64, part) => ({ variable: `ca_${index + 1}_${part + 1}`, base64 })),
  );
  const inParts = (chainPem: string) =>
    pemCertificates(chainPem).map((pem, index) => ({ isFirst: index === 0, parts: certificates[pems.indexOf(pem)]! }));

  const file = "client-chains.conf.mustache";
  return renderNginxTemplate(file, readTemplate(file), {
    certificateParts: certificates.flat(),
    chains: [...told].map(([issuer, chainPem]) => ({ issuer: nginxLiteral(issuer), certificates: inParts(chainPem) })),
  });
}

function isTold({ issuer, chainPem }: IssuerChain, all: readonly IssuerChain[]): boolean {
  const isOne = all.every((other) => other.issuer !== issuer || other.chainPem === chainPem);
  return isOne && pemCertificates(chainPem).length > 0 && nginxLiteral(issuer).length <= MAX_WORD;
}

/** The DER of a PEM certificate as base64, in words for nginx. */
function base64Of(pem: string): string[] {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Error(
      `'chainPem' must have certificates as base64 (RFC 7468), got ${quoted(base64)}: take them from the CA again`,
    );
  }
  return base64.match(new RegExp(`.{1,${MAX_WORD}}`, "g"))!;
}
