import { createPublicKey } from "node:crypto";

import type { ClientSecrets } from "../../rules/client-files.ts";
import type { IssuedCertificate } from "../../rules/issued-certificate.ts";
import { endOfIssuer, issued, signerOf } from "../issuance.ts";
import { newPassword } from "../pkcs12.ts";
import type { Properties } from "../resource-type.ts";
import { type KeyPair, newKeyPair } from "../x509/new-key.ts";
import type { Signer } from "../x509/request.ts";
import { type FleetInputs, type KnownClient, requestFor } from "./inputs.ts";
import type { Stage } from "./plan.ts";

/** What a client has. */
export interface Made {
  certificate: IssuedCertificate;
  credentials: ClientSecrets;
}

/** Issues the certificate of one client of a fleet. */
export type Issue = (name: string, publicKeyPem: string) => Promise<IssuedCertificate>;

/** Who issues for all clients of a fleet: the issuer's key is asked for when the first certificate is. */
export function issuerOf(properties: Properties): Issue {
  const inputs = properties as unknown as FleetInputs;
  const end = endOfIssuer(properties);
  let signer: Signer | undefined;
  return (name, publicKeyPem) => {
    signer ??= signerOf(properties, `'${name}'`);
    return issued(requestFor(name, publicKeyPem, inputs), signer, end);
  };
}

/**
 * Makes what a client has anew, from a stage on. Its password stays for good: people have it in their notes.
 *
 * @param old what it has now. Undefined: it is new, whatever the stage.
 */
export async function remade(
  name: string,
  stage: Stage,
  old: KnownClient | undefined,
  inputs: FleetInputs,
  issue: Issue,
): Promise<Made> {
  if (old && stage === "files") return old;
  const { privateKeyPem, publicKeyPem } = await (old && stage !== "key" ? keyOf(old) : newKeyPair(inputs.keyAlgorithm));
  const certificate = await (old && stage === "pkcs12" ? old.certificate : issue(name, publicKeyPem));

  const { pkcs12 } = await import("../x509/pkcs12.ts");
  const password = old?.credentials.password ?? newPassword();
  const chainPem = certificate.certPem + inputs.chainPem;
  const file = pkcs12({ chainPem, privateKeyPem, password, friendlyName: name, profile: inputs.pkcs12Profile });
  return { certificate, credentials: { privateKeyPem, pkcs12Base64: file.toString("base64"), password } };
}

function keyOf({ credentials: { privateKeyPem } }: KnownClient): KeyPair {
  return {
    privateKeyPem,
    publicKeyPem: createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString(),
  };
}
