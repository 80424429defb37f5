import type { Client, Issuer, SiteLocation } from "../components/index.ts";
import type { LabConfig } from "../config.ts";
import { subjectOf } from "./names.ts";

/**
 * The parts of the lab's site, and who may see them.
 *
 * @param issuers during a rollover, a client still has the certificate from the older one, or already the other.
 */
export function locations(config: LabConfig, issuers: Issuer[]): SiteLocation[] {
  const clientsCalled = (name: string): Client[] =>
    issuers.map((issuer) => ({ issuer, subject: subjectOf(config, name) }));
  const members = (name: string) => config.groups[name] ?? [name];
  return Object.entries(config.access).map(([path, names]) => {
    return { path, allow: names.map((name) => ({ group: members(name).flatMap(clientsCalled) })) };
  });
}
