/** The lab: configuration in, components, outputs. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import {
  ClientCert,
  ClientFleet,
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

/** What the stack tells of a client. */
type ClientFacts<T> = Record<"serialNumber" | "notAfter" | "fingerprintSha256", T>;

// The SDK takes a stack trace for every promise and looks each frame up in source maps; type stripping keeps line
// numbers, so there is nothing to look up. Half the time of an unchanged update and 100 MB went there.
Reflect.deleteProperty(Error, "prepareStackTrace");

const config = labConfig();
const { domain, keyAlgorithm, organization, organizationalUnit, country, province, locality, renewed } = config;
const place = { country, province, locality, organization, organizationalUnit };
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

// Many clients as one resource; without them the lab has none the more.
const fleet =
  config.fleet.length === 0
    ? undefined
    : new ClientFleet("fleet", {
        issuer: issuing,
        clients: config.fleet.map((name) => ({ name, renewedAt: renewed[name] })),
        subject: place,
        keyAlgorithm,
        validityPeriodHours: config.clientValidityHours,
        pkcs12Profile: config.pkcs12Profile,
        directory: resolve(directory, "clients"),
      });

const certificates = new Map<string, Revoked["certificate"]>([
  ["intermediate", issuing],
  ["server", server],
  ...clientCerts,
]);
const revocation = new Revocation("revocation", {
  issuers: [issuing],
  revoked: Object.entries(config.revoked).map(([id, reason]) => {
    const certificate = certificates.get(id) ?? (fleet?.names.includes(id) ? fleet.client(id) : undefined);
    return { id, certificate: certificate ?? { issuer: issuing, serialNumber: id }, reason };
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
const single = Object.fromEntries(clientCerts.map(([name, cert]) => [name, factsOf(cert)]));
export const clients = fleet ? pulumi.all([single, fleet.certificates]).apply(together) : single;
export const site = { containerName, verifyClient, verifyDepth };

function named(commonName: string): Subject {
  return { ...place, commonName };
}

function factsOf<T>({ serialNumber, notAfter, fingerprintSha256 }: ClientFacts<T>): ClientFacts<T> {
  return { serialNumber, notAfter, fingerprintSha256 };
}

function together([some, many]: Record<string, ClientFacts<string>>[]): Record<string, ClientFacts<string>> {
  const facts = Object.entries(many!).map(([name, certificate]) => [name, factsOf(certificate)] as const);
  return { ...some, ...Object.fromEntries(facts) };
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
