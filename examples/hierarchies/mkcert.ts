/** The root of mkcert, with its key. It may sign no further CA, so it signs servers and clients itself. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, ImportedCA, NginxMtlsSite, ServerCert } from "mtls-lab";

import { caFile } from "./ca-file.ts";

const config = new pulumi.Config();

const root = new ImportedCA("root", {
  certPem: caFile("ca/rootCA.pem"),
  privateKeyPem: caFile("ca/rootCA-key.pem"),
});

const server = new ServerCert("server", { issuer: root, dnsNames: ["shop.localhost"] });
new ClientCert("alice", { issuer: root, subject: { commonName: "alice" }, directory: resolve("out/alice") });

const site = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [root],
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
});

export const verifyDepth = site.verifyDepth;
