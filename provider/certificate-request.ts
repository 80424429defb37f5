import { createHash } from "node:crypto";

import { pathLengthProblems, subjectProblems } from "./certificate-check.ts";
import { changedProperties, type Properties, type ResourceType } from "./resource-type.ts";
import type { CsrRequest } from "./x509/csr.ts";

/** Inputs of `mtls:index:CertificateRequest`; `resources/certificate-request.ts` documents them for users. */
interface Inputs extends CsrRequest {
  privateKeyPem: string;
}

/** A request for a certificate. It is made once and kept in the state: its signature may be another each time. */
export const certificateRequest: ResourceType = {
  check: (inputs) => ({
    inputs,
    problems: [...subjectProblems(inputsOf(inputs)), ...pathLengthProblems(inputsOf(inputs))],
  }),
  diff: (resource, news) => ({ update: [], replace: changedProperties(resource.inputs, news) }),

  async create(properties) {
    const { privateKeyPem, ...request } = inputsOf(properties);
    const { requestCertificate, csrDifferences } = await import("./x509/csr.ts");
    const requestPem = await requestCertificate(request, privateKeyPem);
    const wrong = await csrDifferences(requestPem, request);
    if (wrong.length > 0) throw new Error(`the request does not say what was asked: ${wrong.join("; ")}`);
    const id = createHash("sha256").update(requestPem).digest("hex").slice(0, 32);
    return { id, inputs: properties, outputs: { requestPem } };
  },
};

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
