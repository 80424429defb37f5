/** The lab: configuration in, components, outputs. */
import "./lab/light-sdk.ts";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { NginxMtlsSite, type NginxMtlsSiteArgs, Revocation, type Revoked, ServerCert } from "./components/index.ts";
import { bundleOf } from "./components/issuer.ts";
import type { LabConfig } from "./config.ts";
import { locations } from "./lab/access.ts";
import { authorities } from "./lab/authorities.ts";
import { clients as declareClients } from "./lab/clients.ts";
import { ofGeneration } from "./lab/generations.ts";
import { subjectOf } from "./lab/names.ts";
import { settings } from "./lab/settings.ts";
import { withUpstreams } from "./lab/upstreams.ts";
import { CredentialFiles } from "./resources/index.ts";

const { config, ownRoot } = settings();
const { domain } = config;
const directory = resolve(".lab", pulumi.getStack());

const cas = authorities(config, ownRoot);
const { issuing } = cas.find(({ generation }) => generation === config.issuingRoot)!;
const issuers = cas.map((ca) => ca.issuing);

const server = new ServerCert("server", {
  issuer: issuing,
  subject: subjectOf(config, `*.${domain}`),
  dnsNames: [`*.${domain}`, domain],
  ipAddresses: config.ipAddresses,
  keyAlgorithm: config.keyAlgorithm,
  validityPeriodHours: config.serverValidityHours,
  renewedAt: config.renewed.server,
});

const clientCerts = declareClients(config, issuing, resolve(directory, "clients"));

const own = new Map<string, Revoked["certificate"]>([
  ...cas.map((ca) => [ofGeneration("intermediate", ca.generation), ca.issuing] as const),
  ["server", server],
]);
const revocation = new Revocation("revocation", {
  issuers,
  revoked: Object.entries(config.revoked).flatMap(([id, reason]) => {
    const certificate = own.get(id) ?? clientCerts.certificateOf(id);
    // A serial number does not tell who issued it; in the list of the others it does no harm.
    const found = certificate ? [certificate] : issuers.map((issuer) => ({ issuer, serialNumber: id }));
    return found.map((one) => ({ id, certificate: one, reason }));
  }),
  validityPeriodHours: config.crlValidityHours,
});

export const rootCertPem = bundleOf(cas.map(({ root }) => root));
new CredentialFiles("root-files", {
  directory,
  files: {
    "root.crt": { content: rootCertPem, mode: "0644" },
    "intermediates.crt": { content: bundleOf(issuers), mode: "0644" },
  },
});

/** All that configuration and site both have: a setting that is not passed on is an error of types. */
type SiteSettings = Pick<LabConfig, keyof LabConfig & keyof NginxMtlsSiteArgs>;
const { verifyClient, tlsPolicy, http2, bindAddress, httpPort, httpsPort } = config;
const { deploy, delivery, target, replicas, publishMode, image, networks, memory, openFiles } = config;
const shown = { verifyClient, tlsPolicy, http2, bindAddress, httpPort, httpsPort };
const contained = { deploy, delivery, target, replicas, publishMode, image, networks, memory, openFiles };
const { url, httpUrl, containerName, serviceName, verifyDepth } = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: issuers,
  revocation,
  locations: withUpstreams(locations(config, issuers), config),
  directory: resolve(directory, "site"),
  ...({ ...shown, ...contained } satisfies SiteSettings),
});

export { domain, httpUrl, url };
export const clients = clientCerts.facts;
export const site = { containerName, serviceName, verifyClient, verifyDepth };
