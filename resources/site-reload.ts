import * as pulumi from "@pulumi/pulumi";

/** Inputs of {@link SiteReload}. */
export interface SiteReloadInputs {
  /** Id of the container whose main process is nginx. */
  containerId: pulumi.Input<string>;
  /** Version of the site's files ({@link SiteFiles}). */
  version: pulumi.Input<string>;
  /** Loopback or host address to try. */
  address: string;
  port: number;
  /** Name to send (SNI and Host), or an address, as in a URL (Host). */
  serverName: string;
  /** SHA-256 of the certificate that must be served, upper-case hexadecimal with colons. */
  fingerprintSha256: pulumi.Input<string>;
  /** HTTP status that a client without a certificate must get. */
  statusWithoutCertificate: number;
}

/**
 * That clients see what was published: nginx is told to reload (SIGHUP) when the version changed and the container
 * did not, and the update ends when the declared certificate is served and a client without one gets the declared status.
 * Otherwise it fails with what is found instead and nginx's last lines. A container that is paused or has ended is made to run.
 */
export class SiteReload extends pulumi.CustomResource {
  constructor(name: string, inputs: SiteReloadInputs, opts?: pulumi.CustomResourceOptions) {
    super("mtls:index:SiteReload", name, { servedFingerprint: undefined, servedStatus: undefined, ...inputs }, opts);
  }
}
