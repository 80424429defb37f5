/** A site on each of several Docker daemons, below one CA. */
import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, IntermediateCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";
import { Provider } from "mtls-lab/resources";

interface Host {
  name: string;
  /** As in DOCKER_HOST. */
  dockerHost: string;
  /** Where it is reached. */
  address: string;
  httpPort: number;
  httpsPort: number;
}

const config = new pulumi.Config();
/** With ca.pem, cert.pem and key.pem; without it there is no TLS. */
const certPath = config.get("certPath");

const root = new RootCA("root", { subject: { commonName: "Example Root CA" } });
const issuer = new IntermediateCA("issuing", { issuer: root, subject: { commonName: "Example Issuing CA" } });
new ClientCert("alice", { issuer, subject: { commonName: "alice" }, directory: resolve("alice") });

for (const { name, dockerHost, ...reached } of config.requireObject<Host[]>("hosts")) {
  new NginxMtlsSite(
    name,
    {
      serverCert: new ServerCert(name, { issuer, dnsNames: [`${name}.example`] }),
      clientIssuers: [issuer],
      directory: resolve("sites", name),
      delivery: "upload",
      bindAddress: "0.0.0.0",
      ...reached,
    },
    {
      providers: [
        new docker.Provider(name, { host: dockerHost, certPath }),
        new Provider(name, { dockerHost, dockerCertPath: certPath }),
      ],
    },
  );
}

export const rootCertPem = root.certPem;
