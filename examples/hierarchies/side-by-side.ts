/** Three intermediates below one root, each with a purpose, a lifetime and a revocation list of its own. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, Revocation, RootCA, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new RootCA("root", { subject: { commonName: "Shop Root CA" } });
const servers = new IntermediateCA("servers", { issuer: root, subject: { commonName: "Shop Server CA" } });
const staff = new IntermediateCA("staff", { issuer: root, subject: { commonName: "Shop Staff CA" } });
const devices = new IntermediateCA("devices", { issuer: root, subject: { commonName: "Shop Device CA" } });

const server = new ServerCert("server", { issuer: servers, dnsNames: ["shop.localhost"] });
const issuers = { alice: staff, till: devices, mallory: servers };
for (const [name, issuer] of Object.entries(issuers)) {
  new ClientCert(name, { issuer, subject: { commonName: name }, directory: resolve("out", name) });
}

// nginx trusts the root, and so the clients of all three. But it demands a revocation list of each CA in a client's
// chain: without that of the servers, theirs are refused.
const clientIssuers = [staff, devices];
const site = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers,
  revocation: new Revocation("revocation", { issuers: clientIssuers }),
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
});

export const rootCertPem = root.certPem;
export const verifyDepth = site.verifyDepth;
