import type * as pulumi from "@pulumi/pulumi";

/** One file to publish. */
export interface FileArgs {
  content: pulumi.Input<string>;
  /** @default "utf8" */
  encoding?: "utf8" | "base64";
  /** Octal, for example `0600`. */
  mode: string;
}
