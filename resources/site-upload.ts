import * as pulumi from "@pulumi/pulumi";

/** Inputs of {@link SiteUpload}. */
export interface SiteUploadInputs {
  /** Absolute path of the site's directory on this machine ({@link SiteFiles}). */
  directory: string;
  /** Version below it to upload. */
  version: pulumi.Input<string>;
  /** Name of the Docker volume. */
  volume: pulumi.Input<string>;
  /** Image name or id, with `sh`, `ln`, `mv` and `rm`. */
  image: pulumi.Input<string>;
  /** Where the site's container has the volume. */
  mountPath: string;
  /** `uid:gid` of the files' owner. */
  user: string;
}

/**
 * A published version of a site in a volume of a Docker daemon that does not see this machine's files. There, too, it lies beside the
 * one before it, until one link is switched. Drift in any file is seen and mended by the next update.
 */
export class SiteUpload extends pulumi.CustomResource {
  /** Name of the version in the volume, for example `v3`. */
  declare readonly uploaded: pulumi.Output<string>;

  constructor(name: string, inputs: SiteUploadInputs, opts?: pulumi.CustomResourceOptions) {
    super("mtls:index:SiteUpload", name, { uploaded: undefined, ...inputs }, opts);
  }
}
