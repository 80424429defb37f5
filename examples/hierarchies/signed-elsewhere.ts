/** A CA that a company signs: it gets a request, gives a certificate back, and never sees the key. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  ClientCert,
  ExternallySignedCA,
  ImportedCA,
  type Issuer,
  NginxMtlsSite,
  Revocation,
  ServerCert,
} from "mtls-lab";

import { caFile } from "./ca-file.ts";

const config = new pulumi.Config();

const company = new ImportedCA("company", {
  certPem: caFile("ca/company.crt"),
  crlPem: caFile("ca/company.crl"),
});

// The first update writes ca/issuing.csr. Save what the company answers as ca/issuing.crt, and update again.
const answer = existsSync("ca/issuing.crt") ? caFile("ca/issuing.crt") : undefined;
const issuing = new ExternallySignedCA("issuing", {
  subject: { organization: "Shop", commonName: "Shop Issuing CA" },
  directory: resolve("ca"),
  certPem: answer,
  issuer: answer === undefined ? undefined : company,
});
if (issuing.isSigned) deploy(issuing);

function deploy(issuer: Issuer): void {
  const server = new ServerCert("server", { issuer, dnsNames: ["shop.localhost"] });
  new ClientCert("alice", { issuer, subject: { commonName: "alice" }, directory: resolve("out/alice") });

  new NginxMtlsSite("site", {
    serverCert: server,
    clientIssuers: [issuer],
    revocation: new Revocation("revocation", { issuers: [issuer] }),
    directory: resolve("out/site"),
    httpPort: config.requireNumber("httpPort"),
    httpsPort: config.requireNumber("httpsPort"),
  });
}
