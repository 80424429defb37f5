/** The lab: configuration in, components, outputs. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { bundleOf, ClientCert, NginxMtlsSite, Revocation, type Revoked, ServerCert } from "./components/index.ts";
import { checkConfig, ConfigError } from "./config.ts";
import { authorities } from "./lab/authorities.ts";
import { ofGeneration } from "./lab/generations.ts";
import { subjectOf } from "./lab/names.ts";
import { readOwnRoot } from "./lab/own-root.ts";
import { CredentialFiles } from "./resources/index.ts";

// The SDK takes a stack trace for every promise and looks each frame up in source maps; type stripping keeps line
// numbers, so there is nothing to look up. Half the time of an unchanged update and 100 MB went there.
Reflect.deleteProperty(Error, "prepareStackTrace");

const { config, ownRoot } = settings();
const { domain, keyAlgorithm, renewed } = config;
const directory = resolve(".lab", pulumi.getStack());

const cas = authorities(config, ownRoot);
const { issuing } = cas.find(({ generation }) => generation === config.issuingRoot)!;
const issuers = cas.map((ca) => ca.issuing);

const server = new ServerCert("server", {
  issuer: issuing,
  subject: subjectOf(config, `*.${domain}`),
  dnsNames: [`*.${domain}`, domain],
  ipAddresses: config.ipAddresses,
  keyAlgorithm,
  validityPeriodHours: config.serverValidityHours,
  renewedAt: renewed.server,
});

const clientCerts = config.clients.map((name) => {
  const cert = new ClientCert(name, {
    issuer: issuing,
    subject: subjectOf(config, name),
    keyAlgorithm,
    validityPeriodHours: config.clientValidityHours,
    pkcs12Profile: config.pkcs12Profile,
    directory: resolve(directory, "clients", name),
    renewedAt: renewed[name],
  });
  return [name, cert] as const;
});

const certificates = new Map<string, Revoked["certificate"]>([
  ...cas.map((ca) => [ofGeneration("intermediate", ca.generation), ca.issuing] as const),
  ["server", server],
  ...clientCerts,
]);
const revocation = new Revocation("revocation", {
  issuers,
  revoked: Object.entries(config.revoked).flatMap(([id, reason]) => {
    const certificate = certificates.get(id);
    // A serial number does not tell who issued it; in the list of the others it does no harm.
    const found = certificate ? [certificate] : issuers.map((issuer) => ({ issuer, serialNumber: id }));
    return found.map((one) => ({ id, certificate: one, reason }));
  }),
  validityPeriodHours: config.crlValidityHours,
});

export const rootCertPem = bundleOf(cas.map(({ root }) => root));
new CredentialFiles("root-files", { directory, files: { "root.crt": { content: rootCertPem, mode: "0644" } } });

const { containerName, verifyClient, verifyDepth, ...reached } = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: issuers,
  revocation,
  directory: resolve(directory, "site"),
  ...config,
});

export const url = reached.url;
export const httpUrl = reached.httpUrl;
export { domain };
export const clients = Object.fromEntries(
  clientCerts.map(([name, { serialNumber, notAfter, fingerprintSha256 }]) => [
    name,
    { serialNumber, notAfter, fingerprintSha256 },
  ]),
);
export const site = { containerName, verifyClient, verifyDepth };

/** The values that the engine passes as text, and the files that they name; checked. */
function settings() {
  const project = `${pulumi.getProject()}:`;
  const values = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(project))
    .map(([key, text]) => [key.slice(project.length), text] as const);
  try {
    const config = checkConfig(Object.fromEntries(values));
    return { config, ownRoot: readOwnRoot(config) };
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message); // printed without a stack
    throw error;
  }
}
