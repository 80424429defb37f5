/** One root for servers, another for clients: what the one has signed counts for nothing on the other side. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const serverRoot = new RootCA("server-root", { subject: { commonName: "Shop Server Root CA" } });
const servers = new IntermediateCA("servers", { issuer: serverRoot, subject: { commonName: "Shop Server CA" } });
const server = new ServerCert("server", { issuer: servers, dnsNames: ["shop.localhost"] });

const clientRoot = new RootCA("client-root", { subject: { commonName: "Shop Client Root CA" } });
const clients = new IntermediateCA("clients", { issuer: clientRoot, subject: { commonName: "Shop Client CA" } });
const alice = { subject: { commonName: "alice" }, directory: resolve("out/alice") };
new ClientCert("alice", { issuer: clients, ...alice });

// A client certificate of the servers' CA: refused.
const mallory = { subject: { commonName: "mallory" }, directory: resolve("out/mallory") };
new ClientCert("mallory", { issuer: servers, ...mallory });

const site = new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [clients],
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
});

export const rootCertPem = serverRoot.certPem;
export const verifyDepth = site.verifyDepth;
