import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert, ClientFleet, type Issuer, type Revoked } from "../components/index.ts";
import type { LabConfig } from "../config.ts";
import { commonSubject, subjectOf } from "./names.ts";

/** What the stack tells of a client. */
type ClientFacts<T> = Record<"serialNumber" | "notAfter" | "fingerprintSha256", T>;

/** The lab's clients: each alone or, of many, in a fleet. */
export interface Clients {
  /** By the clients' names. */
  facts: pulumi.Input<Record<string, pulumi.Input<ClientFacts<pulumi.Input<string>>>>>;
  /** The certificate of a client, to revoke it. Undefined: there is no such client. */
  certificateOf(name: string): Revoked["certificate"] | undefined;
}

/** Declares them. Their files go into directories of their own below `directory`. */
export function clients(config: LabConfig, issuer: Issuer, directory: string): Clients {
  const { keyAlgorithm, pkcs12Profile, renewed, clientValidityHours: validityPeriodHours } = config;
  const common = { issuer, keyAlgorithm, pkcs12Profile, validityPeriodHours };
  const certificates = new Map(
    config.clients.map((name) => {
      const own = { subject: subjectOf(config, name), directory: resolve(directory, name), renewedAt: renewed[name] };
      return [name, new ClientCert(name, { ...common, ...own })];
    }),
  );
  const single = Object.fromEntries([...certificates].map(([name, certificate]) => [name, factsOf(certificate)]));
  if (config.fleet.length === 0) return { facts: single, certificateOf: (name) => certificates.get(name) };

  const fleet = new ClientFleet("fleet", {
    ...common,
    clients: config.fleet.map((name) => ({ name, renewedAt: renewed[name] })),
    subject: commonSubject(config),
    directory,
  });
  return {
    facts: pulumi.all([single, fleet.certificates]).apply(together),
    certificateOf: (name) => certificates.get(name) ?? (fleet.names.includes(name) ? fleet.client(name) : undefined),
  };
}

function factsOf<T>({ serialNumber, notAfter, fingerprintSha256 }: ClientFacts<T>): ClientFacts<T> {
  return { serialNumber, notAfter, fingerprintSha256 };
}

function together([some, many]: Record<string, ClientFacts<string>>[]): Record<string, ClientFacts<string>> {
  const facts = Object.entries(many!).map(([name, certificate]) => [name, factsOf(certificate)] as const);
  return { ...some, ...Object.fromEntries(facts) };
}
