import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Provider}. */
export interface ProviderArgs {
  /**
   * The Docker daemon that sites are tested and reloaded on, in the form of `DOCKER_HOST`, for example `tcp://192.0.2.7:2376`. It must be that of the
   * docker provider.
   *
   * @default - the one that the environment names, or that of this machine
   */
  dockerHost?: pulumi.Input<string>;
  /**
   * Directory with `ca.pem`, `cert.pem` and `key.pem`, for mutual TLS with the daemon (`DOCKER_CERT_PATH`).
   *
   * @default - as the environment says
   */
  dockerCertPath?: pulumi.Input<string>;
}

/**
 * The provider of the certificates and sites, for a program that deploys to several Docker daemons: one for each, beside a docker provider.
 *
 * @example
 * const providers = [
 *   new docker.Provider("web1", { host, certPath }),
 *   new Provider("web1", { dockerHost: host, dockerCertPath: certPath }),
 * ];
 * new NginxMtlsSite("web1", { ...args, delivery: "upload" }, { providers });
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    super("mtls", name, { ...args }, opts);
  }
}
