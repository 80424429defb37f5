import * as pulumi from "@pulumi/pulumi";

import type { Expected } from "./expected.ts";

/** Inputs of {@link SiteReload}. */
export interface SiteReloadInputs extends Expected {
  /** Id of the container whose main process is nginx. */
  containerId: pulumi.Input<string>;
  /** Version of the site's files ({@link SiteFiles}). */
  version: pulumi.Input<string>;
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
