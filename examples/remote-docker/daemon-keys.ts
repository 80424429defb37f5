/** Mutual TLS for a Docker daemon: what dockerd needs, and what its clients need. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ClientCert, RootCA, ServerCert } from "mtls-lab";
import { CredentialFiles } from "mtls-lab/resources";

const address = new pulumi.Config().get("address") ?? "127.0.0.1";

const root = new RootCA("docker", { subject: { commonName: "Docker CA" } });
const daemon = new ServerCert("daemon", { issuer: root, dnsNames: ["localhost"], ipAddresses: [address] });
const client = new ClientCert("client", { issuer: root, subject: { commonName: "docker client" } });

const certificate = (content: pulumi.Input<string>) => ({ content, mode: "0644" });
const key = (content: pulumi.Input<string>) => ({ content, mode: "0600" });

// dockerd --tlsverify --tlscacert=ca.pem --tlscert=server-cert.pem --tlskey=server-key.pem
new CredentialFiles("daemon-files", {
  directory: resolve("daemon"),
  files: {
    "ca.pem": certificate(root.certPem),
    "server-cert.pem": certificate(daemon.chainPem),
    "server-key.pem": key(daemon.privateKeyPem),
  },
});

// The names that Docker's clients look for in DOCKER_CERT_PATH.
new CredentialFiles("client-files", {
  directory: resolve("client"),
  files: {
    "ca.pem": certificate(root.certPem),
    "cert.pem": certificate(client.chainPem),
    "key.pem": key(client.privateKeyPem),
  },
});
