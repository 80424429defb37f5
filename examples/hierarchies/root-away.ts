/** A root whose key is not here, and an intermediate that is: what step leaves behind. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, ImportedCA, NginxMtlsSite, ServerCert } from "mtls-lab";

import { caFile } from "./ca-file.ts";

const config = new pulumi.Config();

const root = new ImportedCA("root", { certPem: caFile("ca/root_ca.crt") });

const issuing = new ImportedCA("issuing", {
  issuer: root,
  certPem: caFile("ca/intermediate_ca.crt"),
  privateKeyPem: caFile("ca/intermediate_ca.key"),
});

const server = new ServerCert("server", { issuer: issuing, dnsNames: ["shop.localhost"] });
new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" }, directory: resolve("out/alice") });

const site = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [issuing],
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
});

export const verifyDepth = site.verifyDepth;
