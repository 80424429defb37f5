/** The lab: configuration in, components, outputs. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import {
  ClientCert,
  IntermediateCA,
  NginxMtlsSite,
  Revocation,
  type Revoked,
  RootCA,
  ServerCert,
  type Subject,
} from "./components/index.ts";
import { checkConfig, ConfigError, rootConstraints } from "./config.ts";
import { CredentialFiles } from "./resources/index.ts";

// The SDK takes a stack trace for every promise and looks each frame up in source maps; type stripping keeps line
// numbers, so there is nothing to look up. Half the time of an unchanged update and 100 MB went there.
Reflect.deleteProperty(Error, "prepareStackTrace");

const config = labConfig();
const { domain, keyAlgorithm, organization, organizationalUnit, country, province, locality, renewed } = config;
const directory = resolve(".lab", pulumi.getStack());

const root = new RootCA(
  "root",
  {
    subject: named(`${organization} Root CA`),
    keyAlgorithm,
    validityPeriodHours: config.rootValidityHours,
    nameConstraints: rootConstraints(config),
    renewedAt: renewed.root,
  },
  { protect: config.protectRoot },
);

const issuing = new IntermediateCA("issuing", {
  issuer: root,
  subject: named(`${organization} Intermediate CA`),
  keyAlgorithm,
  validityPeriodHours: config.intermediateValidityHours,
  renewedAt: renewed.intermediate,
});

const server = new ServerCert("server", {
  issuer: issuing,
  subject: named(`*.${domain}`),
  dnsNames: [`*.${domain}`, domain],
  ipAddresses: config.ipAddresses,
  keyAlgorithm,
  validityPeriodHours: config.serverValidityHours,
  renewedAt: renewed.server,
});

const clientCerts = config.clients.map((name) => {
  const cert = new ClientCert(name, {
    issuer: issuing,
    subject: named(name),
    keyAlgorithm,
    validityPeriodHours: config.clientValidityHours,
    pkcs12Profile: config.pkcs12Profile,
    directory: resolve(directory, "clients", name),
    renewedAt: renewed[name],
  });
  return [name, cert] as const;
});

const certificates = new Map<string, Revoked["certificate"]>([
  ["intermediate", issuing],
  ["server", server],
  ...clientCerts,
]);
// A serial number alone says nothing of its issuer: it goes into the list of the CA that signs servers and clients.
const revocation = new Revocation("revocation", {
  issuers: [issuing],
  revoked: Object.entries(config.revoked).map(([id, reason]) => {
    return { id, certificate: certificates.get(id) ?? { issuer: issuing, serialNumber: id }, reason };
  }),
  validityPeriodHours: config.crlValidityHours,
});

new CredentialFiles("root-files", { directory, files: { "root.crt": { content: root.certPem, mode: "0644" } } });

const { containerName, verifyClient, verifyDepth, ...reached } = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [issuing],
  revocation,
  directory: resolve(directory, "site"),
  ...config,
});

export const url = reached.url;
export const httpUrl = reached.httpUrl;
export { domain };
export const rootCertPem = root.certPem;
export const clients = Object.fromEntries(
  clientCerts.map(([name, { serialNumber, notAfter, fingerprintSha256 }]) => [
    name,
    { serialNumber, notAfter, fingerprintSha256 },
  ]),
);
export const site = { containerName, verifyClient, verifyDepth };

function named(commonName: string): Subject {
  return { country, province, locality, organization, organizationalUnit, commonName };
}

/** The values that the engine passes as text, checked. */
function labConfig() {
  const project = `${pulumi.getProject()}:`;
  const values = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(project))
    .map(([key, text]) => [key.slice(project.length), text] as const);
  try {
    return checkConfig(Object.fromEntries(values));
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message); // printed without a stack
    throw error;
  }
}
