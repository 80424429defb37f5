/** Roots succeed each other: what is called how when there is more than one. Pure. */
import type { LabConfig } from "../config.ts";
import { clientNames } from "./names.ts";

/** Names of the lab's certificates that are no client's, whatever roots are trusted. */
const RESERVED = /^(server|(root|intermediate)(-\d+)?)$/;

/** Name of a CA of some generation; the first has no number. */
export function ofGeneration(name: string, generation: number): string {
  return generation === 1 ? name : `${name}-${generation}`;
}

/** The roots that are trusted, the oldest first. */
export function generationsOf({ trustedRoots }: LabConfig): number[] {
  return [...trustedRoots].sort((a, b) => a - b);
}

/** By what names its certificates are spoken of: those of `status`, `renew` and `revoke`. A root from a file has none. */
export function certificateNames(config: LabConfig): string[] {
  const generations = generationsOf(config);
  const made = config.rootCertFile === "" ? generations : generations.filter((generation) => generation > 1);
  return [
    ...made.map((generation) => ofGeneration("root", generation)),
    ...generations.map((generation) => ofGeneration("intermediate", generation)),
    "server",
    ...clientNames(config),
  ];
}

/** Whether one of {@link certificateNames} is a root's. */
export function isRootName(name: string): boolean {
  return /^root(-\d+)?$/.test(name);
}

/** Whether a name is one that no client may have. */
export function isReserved(name: string): boolean {
  return RESERVED.test(name);
}
