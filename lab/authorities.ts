import type { ComponentResourceOptions } from "@pulumi/pulumi";

import { ImportedCA, IntermediateCA, type Issuer, RootCA } from "../components/index.ts";
import type { LabConfig } from "../config.ts";
import { generationsOf, ofGeneration } from "./generations.ts";
import { rootConstraints, subjectOf } from "./names.ts";
import type { OwnRoot } from "./own-root.ts";

/** A root that is trusted, and the intermediate below it. */
export interface Authority {
  /** As it is counted in `trustedRoots`. */
  generation: number;
  root: Issuer;
  issuing: IntermediateCA;
}

/** Declares the lab's CAs, the oldest first. Each root vouches for the next; the first may be the user's own. */
export function authorities(config: LabConfig, ownRoot: OwnRoot | undefined): Authority[] {
  let older: Issuer | undefined;
  return generationsOf(config).map((generation) => {
    const options: ComponentResourceOptions = { protect: config.protectRoot };
    const root: Issuer =
      generation === 1 && ownRoot
        ? new ImportedCA("root", ownRoot, options)
        : ownMadeRoot(config, generation, older, options);
    older = root;
    return { generation, root, issuing: intermediate(config, generation, root) };
  });
}

function ownMadeRoot(
  config: LabConfig,
  generation: number,
  crossSignedBy: Issuer | undefined,
  options: ComponentResourceOptions,
): RootCA {
  const name = ofGeneration("root", generation);
  return new RootCA(
    name,
    {
      subject: subjectOf(config, numbered(`${config.organization} Root CA`, generation)),
      keyAlgorithm: config.keyAlgorithm,
      validityPeriodHours: config.rootValidityHours,
      nameConstraints: rootConstraints(config),
      renewedAt: config.renewed[name],
      crossSignedBy,
    },
    options,
  );
}

function intermediate(config: LabConfig, generation: number, issuer: Issuer): IntermediateCA {
  return new IntermediateCA(ofGeneration("issuing", generation), {
    issuer,
    subject: subjectOf(config, numbered(`${config.organization} Intermediate CA`, generation)),
    keyAlgorithm: config.keyAlgorithm,
    validityPeriodHours: config.intermediateValidityHours,
    renewedAt: config.renewed[ofGeneration("intermediate", generation)],
  });
}

function numbered(commonName: string, generation: number): string {
  return generation === 1 ? commonName : `${commonName} ${generation}`;
}
