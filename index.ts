/** The lab: configuration in, components, outputs. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert, ClientFleet, NginxMtlsSite, Revocation, type Revoked, ServerCert } from "./components/index.ts";
import { checkConfig, commonSubject, ConfigError, subjectOf } from "./config.ts";
import { authority } from "./lab/authorities.ts";
import { readOwnRoot } from "./lab/own-root.ts";
import { CredentialFiles } from "./resources/index.ts";

/** What the stack tells of a client. */
type ClientFacts<T> = Record<"serialNumber" | "notAfter" | "fingerprintSha256", T>;

// The SDK takes a stack trace for every promise and looks each frame up in source maps; type stripping keeps line
// numbers, so there is nothing to look up. Half the time of an unchanged update and 100 MB went there.
Reflect.deleteProperty(Error, "prepareStackTrace");

const { config, ownRoot } = settings();
const { domain, keyAlgorithm, renewed } = config;
const directory = resolve(".lab", pulumi.getStack());

const { root, issuing } = authority(config, ownRoot);

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

// Many clients as one resource; without them the lab has none the more.
const fleet =
  config.fleet.length === 0
    ? undefined
    : new ClientFleet("fleet", {
        issuer: issuing,
        clients: config.fleet.map((name) => ({ name, renewedAt: renewed[name] })),
        subject: commonSubject(config),
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
// A serial number alone says nothing of its issuer: it goes into the list of the CA that signs servers and clients.
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

function factsOf<T>({ serialNumber, notAfter, fingerprintSha256 }: ClientFacts<T>): ClientFacts<T> {
  return { serialNumber, notAfter, fingerprintSha256 };
}

function together([some, many]: Record<string, ClientFacts<string>>[]): Record<string, ClientFacts<string>> {
  const facts = Object.entries(many!).map(([name, certificate]) => [name, factsOf(certificate)] as const);
  return { ...some, ...Object.fromEntries(facts) };
}

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
