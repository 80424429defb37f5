import * as pulumi from "@pulumi/pulumi";

import type { FileArgs } from "./file.ts";

/** Inputs of {@link CredentialFiles}. */
export interface CredentialFilesInputs {
  /** Absolute path. Made with mode 0700; other files in it are left alone. */
  directory: string;
  /** Files by their path below the directory. Kept secret as a whole. */
  files: Record<string, FileArgs>;
}

/**
 * Certificates, keys and passwords as files, each replaced in one step. A file that is missing, was edited, or
 * whose mode was changed is seen by a refresh and put right by the next update. Deleting removes just these.
 */
export class CredentialFiles extends pulumi.CustomResource {
  constructor(name: string, inputs: CredentialFilesInputs, opts?: pulumi.CustomResourceOptions) {
    const files = pulumi.secret(inputs.files);
    super("mtls:index:CredentialFiles", name, { published: undefined, ...inputs, files }, opts);
  }
}
