import * as pulumi from "@pulumi/pulumi";

/** Inputs of {@link DockerNetwork}. */
export interface DockerNetworkInputs {
  /** Name of the network. */
  name: pulumi.Input<string>;
}

/**
 * A network that Docker has already, made by somebody else: it is looked at, and never changed or removed. Its `id` is Docker's, which is
 * what a service of a swarm is told.
 */
export class DockerNetwork extends pulumi.CustomResource {
  constructor(name: string, inputs: DockerNetworkInputs, opts?: pulumi.CustomResourceOptions) {
    super("mtls:index:DockerNetwork", name, inputs, opts);
  }
}
