import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** The text of a file of a CA that was made elsewhere. Where it is not there yet, the program ends in a sentence. */
export function caFile(path: string): string {
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new pulumi.RunError(`${path} is not there: docs/hierarchies.md says what puts it there`);
}
