/** A site in front of a service in a container, in a network in which the two find each other. */
import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";

const config = new pulumi.Config();

const root = new RootCA("root", { subject: { commonName: "Shop Root CA" } });
const issuing = new IntermediateCA("issuing", { issuer: root, subject: { commonName: "Shop Issuing CA" } });
const server = new ServerCert("server", { issuer: issuing, dnsNames: ["shop.localhost"] });
new ClientCert("alice", { issuer: issuing, subject: { commonName: "alice" }, directory: resolve("out/alice") });

// Any service would do; this one is nginx again, and greets.
const greet = `
pid /tmp/nginx.pid;
events {}
http {
  access_log off;
  server { listen 3000; return 200 "Hello, $http_x_ssl_client_s_dn\\n"; }
}`;
const image = new docker.RemoteImage("orders-image", { name: "nginx:stable", keepLocally: true });
const name = `${pulumi.getProject()}-${pulumi.getStack()}-orders`;
const network = new docker.Network("network", { name });
const orders = new docker.Container("orders", {
  name,
  image: image.imageId,
  networksAdvanced: [{ name: network.name, aliases: ["orders"] }],
  command: ["nginx", "-c", "/greet.conf", "-g", "daemon off; user nginx;"],
  uploads: [{ file: "/greet.conf", content: greet }],
});

new NginxMtlsSite(
  "site",
  {
    serverCert: server,
    clientIssuers: [issuing],
    directory: resolve("out/site"),
    httpPort: config.requireNumber("httpPort"),
    httpsPort: config.requireNumber("httpsPort"),
    networks: [network.name],
    locations: [{ path: "/orders", upstream: { url: "http://orders:3000" } }],
  },
  { dependsOn: orders }, // nginx looks for it before the site is served for the first time
);

export const rootCertPem = root.certPem;
