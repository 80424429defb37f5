/** An intermediate below an intermediate: the upper one can be kept away as the root is, and sign for several sites. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new RootCA("root", { subject: { commonName: "Shop Root CA" } });

const policy = new IntermediateCA("policy", {
  issuer: root,
  subject: { commonName: "Shop Policy CA" },
  maxPathLength: 1, // one more CA may follow
});

const issuing = new IntermediateCA("issuing", {
  issuer: policy,
  subject: { commonName: "Shop Issuing CA" },
  validityPeriodHours: 2 * 365 * 24, // less than the policy CA's five years
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

export const rootCertPem = root.certPem;
export const verifyDepth = site.verifyDepth;
