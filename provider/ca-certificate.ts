import { X509Certificate } from "node:crypto";

import { pemCertificates, pemRevocationLists } from "../rules/pem.ts";
import { type CaInputs, caProblems } from "./ca-check.ts";
import { isSameCa, keyIdOf, subjectOf } from "./ca-identity.ts";
import { changedProperties, isKnown, type Properties, type ResourceType } from "./resource-type.ts";
import { factsOf } from "./x509/facts.ts";

/** The certificate of a CA that was made elsewhere. It is looked at and passed on: nothing is issued. */
export const caCertificate: ResourceType = {
  async check(given) {
    const problems = await caProblems(given as unknown as CaInputs);
    return { inputs: problems.length > 0 ? given : normalised(given), problems };
  },

  diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    const isOther = isKnown(news.certPem) && !isSameCa(resource.inputs.certPem as string, news.certPem as string);
    return isOther ? { update: [], replace: ["certPem"] } : { update: changed, replace: [] };
  },

  async create(inputs) {
    return { id: keyIdOf(inputs.certPem as string), inputs, outputs: await outputsOf(inputs) };
  },

  previewCreate: (inputs) => outputsOf(inputs),
  previewUpdate: (_, inputs) => outputsOf(inputs),
  update: (_, inputs) => outputsOf(inputs),
};

/** Without what a file may have around its certificate, and which makes no other of it. */
function normalised(inputs: Properties): Properties {
  const texts: [keyof CaInputs, (text: string) => string[]][] = [
    ["certPem", pemCertificates],
    ["chainPem", pemCertificates],
    ["crlPem", pemRevocationLists],
  ];
  const given = texts.filter(([name]) => inputs[name] !== undefined && isKnown(inputs[name]));
  const blocks = given.map(([name, find]) => [
    name,
    find(inputs[name] as string)
      .map((pem) => `${pem}\n`)
      .join(""),
  ]);
  return { ...inputs, ...(Object.fromEntries(blocks) as Properties) };
}

/** What is known of it; in a preview, parts of it may have to wait. */
async function outputsOf(inputs: Properties): Promise<Properties> {
  const { certPem, crlPem } = inputs as unknown as CaInputs;
  if (!isKnown(certPem) || !isKnown(crlPem)) return {};
  const subject = subjectOf(new X509Certificate(certPem));
  return { certPem, ...factsOf(certPem), subject, ...(crlPem === undefined ? {} : await listOutputs(crlPem)) };
}

async function listOutputs(crlPem: string): Promise<Properties> {
  const { crlFactsIn } = await import("./x509/crl-facts.ts");
  const [{ nextUpdate } = {}] = crlFactsIn(crlPem);
  return nextUpdate === undefined ? { crlPem } : { crlPem, crlNextUpdate: nextUpdate };
}
