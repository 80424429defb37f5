import type * as pulumi from "@pulumi/pulumi";

import type { FileToPublish } from "../rules/file.ts";

/** One file to publish, as a program declares it. */
export type FileArgs = FileToPublish<pulumi.Input<string>>;
