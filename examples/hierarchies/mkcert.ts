/** The root of mkcert, with its key. It may sign no further CA, so it signs servers and clients itself. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, ImportedCA, NginxMtlsSite, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new ImportedCA("root", {
  certPem: readFileSync("ca/rootCA.pem", "utf8"),
  privateKeyPem: readFileSync("ca/rootCA-key.pem", "utf8"),
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
