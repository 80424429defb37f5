/** A root whose key is not here, and an intermediate that is: what step leaves behind. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, ImportedCA, NginxMtlsSite, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new ImportedCA("root", { certPem: readFileSync("ca/root_ca.crt", "utf8") });

const issuing = new ImportedCA("issuing", {
  issuer: root,
  certPem: readFileSync("ca/intermediate_ca.crt", "utf8"),
  privateKeyPem: readFileSync("ca/intermediate_ca.key", "utf8"),
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
