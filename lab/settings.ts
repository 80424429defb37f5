import * as pulumi from "@pulumi/pulumi";

import { checkConfig, ConfigError, type LabConfig } from "../config.ts";
import { type OwnRoot, readOwnRoot } from "./own-root.ts";

/** What the stack's file sets, and what is in the files that it names. */
export interface Settings {
  config: LabConfig;
  ownRoot: OwnRoot | undefined;
}

/** The values that the engine passes as text, checked. What is wrong is printed in one sentence, without a stack. */
export function settings(): Settings {
  const project = `${pulumi.getProject()}:`;
  const values = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(project))
    .map(([key, text]) => [key.slice(project.length), text] as const);
  try {
    const config = checkConfig(Object.fromEntries(values));
    return { config, ownRoot: readOwnRoot(config) };
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
