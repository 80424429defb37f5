import * as pulumi from "@pulumi/pulumi";

import type { FileOwner } from "../rules/file.ts";
import type { FileArgs } from "./file.ts";

/** Inputs of {@link SiteFiles}. */
export interface SiteFilesInputs {
  /** Absolute path of the site's directory, mode 0700. */
  directory: string;
  /** Files by their path in a version. Kept secret as a whole. */
  files: Record<string, FileArgs>;
  /**
   * Who owns the files.
   *
   * @default - the user that runs the update
   */
  owner?: FileOwner;
  /**
   * How to run `nginx -t` on a version before it is switched to.
   *
   * @default - it is not tested
   */
  test?: {
    /** Image name or id: the one that will serve the site. */
    image: pulumi.Input<string>;
    /** Where the directory is in the container. */
    mountPath: string;
    /** `uid:gid` that nginx runs as. */
    user: string;
    /**
     * How the files get into the test's container: `mount` takes the directory as the Docker daemon sees it, `upload` sends them.
     *
     * @default "mount"
     */
    delivery?: "mount" | "upload";
    /**
     * Names of Docker networks that the site is in.
     *
     * @default - none
     */
    networks?: pulumi.Input<string>[];
    /**
     * Names that the container of the site has for the machine it runs on.
     *
     * @default - none
     */
    hostNames?: string[];
    /**
     * Names, each with a port, that nginx looks up while it runs. One that is new, or in other networks than before, must be known
     * there; later it may go and come.
     *
     * @default - none
     */
    lookedUpNames?: string[];
  };
}

/**
 * The files of a site, published as one whole: `v1`, `v2`, … beside each other and the link `current`, which is
 * switched in one step after nginx has accepted the new version. Drift in any file is seen by a refresh.
 */
export class SiteFiles extends pulumi.CustomResource {
  /** Name of the version in force, for example `v3`. */
  declare readonly version: pulumi.Output<string>;
  /** Changes only when the directory itself is another one, so that a container with the old one mounted must go. */
  declare readonly directoryIdentity: pulumi.Output<string>;

  /** For each file the version in which it came to be as it is now, and a random word: another content never has the same. */
  declare readonly revisions: pulumi.Output<Record<string, string>>;

  constructor(name: string, inputs: SiteFilesInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { version: undefined, directoryIdentity: undefined, published: undefined, revisions: undefined };
    super("mtls:index:SiteFiles", name, { ...outputs, ...inputs, files: pulumi.secret(inputs.files) }, opts);
  }
}
