import * as pulumi from "@pulumi/pulumi";

import type { Expected } from "./expected.ts";

/** Inputs of {@link SiteRollout}. */
export interface SiteRolloutInputs extends Expected {
  /** Id of the swarm's service. */
  serviceId: pulumi.Input<string>;
  /** What the tasks that must run have in their environment variable `MTLS_LAB_REVISION`. */
  revision: pulumi.Input<string>;
  /** How many of them. */
  replicas: number;
  /** `ingress`: every node answers. `host`: only those that run a task. */
  publishMode: "ingress" | "host";
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
