/** A site in front of a service on this machine, with mutual TLS before and behind: nobody else comes to the service. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";
import { CredentialFiles } from "mtls-lab/resources";

const config = new pulumi.Config();

const root = new RootCA("root", { subject: { commonName: "Shop Root CA" } });
const issuing = new IntermediateCA("issuing", { issuer: root, subject: { commonName: "Shop Issuing CA" } });
const server = new ServerCert("server", { issuer: issuing, dnsNames: ["shop.localhost"] });
new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" }, directory: resolve("out/alice") });

// A root of its own: with a certificate from the other one, a client could go round the site.
const inside = new RootCA("inside", { subject: { commonName: "Shop Inside CA" } });
const orders = new ServerCert("orders", { issuer: inside, dnsNames: ["orders.shop.internal"] });
const gateway = new ClientCert("gateway", { issuer: inside, subject: { commonName: "gateway" } });

// What the service needs: whom it trusts, and who it is.
new CredentialFiles("orders-files", {
  directory: resolve("out/orders"),
  files: {
    "clients.crt": { content: inside.certPem, mode: "0644" },
    "server.crt": { content: orders.chainPem, mode: "0644" },
    "server.key": { content: orders.privateKeyPem, mode: "0600" },
  },
});

new NginxMtlsSite("site", {
  serverCert: server,
  clientIssuers: [issuing],
  directory: resolve("out/site"),
  httpPort: config.requireNumber("httpPort"),
  httpsPort: config.requireNumber("httpsPort"),
  locations: [
    {
      path: "/orders",
      upstream: {
        url: `https://host.docker.internal:${config.requireNumber("ordersPort")}`,
        serverName: "orders.shop.internal",
        caCertificates: [inside],
        clientCert: gateway,
      },
    },
  ],
});

export const rootCertPem = root.certPem;
