/** A root CA, an intermediate CA, a server and one client, and an nginx that lets only that client in. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new RootCA("root", { subject: { commonName: "Example Root CA" } });

const issuing = new IntermediateCA("issuing", {
  issuer: root,
  subject: { commonName: "Example Issuing CA" },
});

const server = new ServerCert("server", {
  issuer: issuing,
  dnsNames: ["shop.localhost"],
});

const alice = new ClientCert("alice", {
  issuer: issuing,
  subject: { commonName: "alice" },
  directory: resolve("out/alice"),
});

const site = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [issuing],
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
});

export const url = site.url;
export const rootCertPem = root.certPem;
export const serialNumber = alice.serialNumber;
