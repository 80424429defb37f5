import type { ComponentResourceOptions } from "@pulumi/pulumi";

import { ImportedCA, IntermediateCA, type Issuer, RootCA } from "../components/index.ts";
import { type LabConfig, rootConstraints, subjectOf } from "../config.ts";
import type { OwnRoot } from "./own-root.ts";

/** The lab's CAs: who is trusted, and who signs servers and clients. */
export interface Authority {
  root: Issuer;
  issuing: IntermediateCA;
}

/** Declares them. The root is the lab's, or the user's own. */
export function authority(config: LabConfig, ownRoot: OwnRoot | undefined): Authority {
  const { organization, keyAlgorithm, renewed } = config;
  const options: ComponentResourceOptions = { protect: config.protectRoot };
  const root: Issuer = ownRoot
    ? new ImportedCA("root", ownRoot, options)
    : new RootCA(
        "root",
        {
          subject: subjectOf(config, `${organization} Root CA`),
          keyAlgorithm,
          validityPeriodHours: config.rootValidityHours,
          nameConstraints: rootConstraints(config),
          renewedAt: renewed.root,
        },
        options,
      );
  const issuing = new IntermediateCA("issuing", {
    issuer: root,
    subject: subjectOf(config, `${organization} Intermediate CA`),
    keyAlgorithm,
    validityPeriodHours: config.intermediateValidityHours,
    renewedAt: renewed.intermediate,
  });
  return { root, issuing };
}
