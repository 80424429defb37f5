import * as pulumi from "@pulumi/pulumi";

/** Inputs of {@link SiteRollout}. */
export interface SiteRolloutInputs {
  /** Id of the swarm's service. */
  serviceId: pulumi.Input<string>;
  /** What the tasks that must run have in their environment variable `MTLS_LAB_REVISION`. */
  revision: pulumi.Input<string>;
  /** How many of them. */
  replicas: number;
  /** `ingress`: every node answers. `host`: only those that run a task. */
  publishMode: "ingress" | "host";
  /** Where this machine reaches the node of the daemon: an IP address or a name. Other nodes are asked at their own addresses. */
  address: string;
  /** Port that the nodes publish. */
  port: number;
  /** Name to send (SNI and Host), or an address, as in a URL (Host). */
  serverName: string;
  /** SHA-256 of the certificate that must be served, upper-case hexadecimal with colons. */
  fingerprintSha256: pulumi.Input<string>;
  /** HTTP status that a client without a certificate must get. */
  statusWithoutCertificate: number;
}

/**
 * That clients see what was declared: the update ends when all tasks of the service are those of this revision, and each of them, as
 * far as it can be reached, serves the declared certificate and answers a client without one with the declared status. Where the swarm
 * goes back to the service as it was, or gets nowhere, it fails with the error of the last task and nginx's last lines.
 */
export class SiteRollout extends pulumi.CustomResource {
  constructor(name: string, inputs: SiteRolloutInputs, opts?: pulumi.CustomResourceOptions) {
    super("mtls:index:SiteRollout", name, { servedFingerprint: undefined, servedStatus: undefined, ...inputs }, opts);
  }
}
