import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";

import { normalised } from "./certificate-check.ts";
import { byName, fleetIssuerProblems, fleetProblems } from "./fleet/check.ts";
import { issuerOf, type Made, remade } from "./fleet/client.ts";
import { publishClient, removeClient, removeDirectory } from "./fleet/files.ts";
import { clientPath, contentsOf, type FleetInputs, type FleetOutputs, knownClients } from "./fleet/inputs.ts";
import { planOf, type Stage } from "./fleet/plan.ts";
import {
  changedProperties,
  isKnown,
  type Properties,
  type Resource,
  type ResourceType,
  UNKNOWN,
} from "./resource-type.ts";

/** How many clients are worked on at a time: while the files of one wait for the disk, another is signed. */
const AT_A_TIME = 8;

/**
 * Keys, certificates, PKCS#12 files and passwords of many clients, and the files of each. Every change is made in place
 * and touches only the clients that it is about. The state decides: what a killed update has written is overwritten.
 */
export const clientCredentials: ResourceType = {
  async check(given, olds) {
    const inputs = normalised({ pkcs12Profile: "modern", ...given });
    const problems = fleetProblems(inputs);
    if (problems.length > 0) return { inputs, problems };
    const checked = { ...inputs, clients: byName(inputs.clients) };
    if (olds && changedProperties(olds, checked).length === 0) return { inputs: checked, problems };
    return { inputs: checked, problems: await fleetIssuerProblems(inputs) };
  },

  diff(resource, news) {
    if (!areKnown(news.clients)) return { update: ["clients"], replace: [] };
    const { properties, added, removed, changed } = planOf(resource, news);
    return {
      update: [...properties, ...changed.map(clientPath)],
      replace: [],
      add: added.map(clientPath),
      remove: removed.map(clientPath),
    };
  },

  async create(inputs) {
    return { id: randomUUID(), inputs, outputs: await brought({ id: "", inputs: {}, outputs: {} }, inputs) };
  },

  update: brought,

  previewUpdate(resource, news) {
    if (!areKnown(news.clients)) return {};
    const { stages } = planOf(resource, news);
    const olds = knownClients(resource);
    return outputsOf(
      Object.keys(inputsOf(news).clients).map((name) => {
        const old = olds.get(name);
        return [name, old ? foreseen(old, stages.get(name)) : { certificate: UNKNOWN, credentials: UNKNOWN }];
      }),
    );
  },

  delete(resource) {
    removeClients(inputsOf(resource.inputs).directory, [...knownClients(resource).keys()]);
  },
};

/** Brings every client to what the inputs say. */
async function brought(resource: Resource, properties: Properties): Promise<Properties> {
  const olds = knownClients(resource);
  const news = inputsOf(properties);
  const { stages, removed } = planOf(resource, properties);
  const issue = issuerOf(properties);

  const { directory } = inputsOf(resource.inputs);
  removeClients(directory, removed); // first: where capitals do not count, a new one may have the same directory
  const work = async (name: string): Promise<[string, Made]> => {
    const [old, stage] = [olds.get(name), stages.get(name)];
    if (old && !stage) return [name, old];
    const made = await remade(name, stage ?? "key", old, news, issue);
    if (news.directory !== undefined) {
      await publishClient(news.directory, name, contentsOf(made.certificate, made.credentials, news.chainPem));
    }
    return [name, made];
  };
  const made = await Readable.from(Object.keys(news.clients)).map(work, { concurrency: AT_A_TIME }).toArray();

  if (directory !== news.directory) removeClients(directory, [...olds.keys()]);
  return outputsOf(made as [string, Made][]);
}

function removeClients(directory: string | undefined, names: string[]): void {
  if (directory === undefined) return;
  for (const name of names) removeClient(directory, name);
  removeDirectory(directory);
}

/** What is known of a client before an update that begins at a stage. */
function foreseen({ certificate, credentials }: Made, stage: Stage | undefined) {
  switch (stage) {
    case "key":
      return { certificate: UNKNOWN, credentials: { ...credentials, privateKeyPem: UNKNOWN, pkcs12Base64: UNKNOWN } };
    case "certificate":
      return { certificate: UNKNOWN, credentials: { ...credentials, pkcs12Base64: UNKNOWN } };
    case "pkcs12":
      return { certificate, credentials: { ...credentials, pkcs12Base64: UNKNOWN } };
    default:
      return { certificate, credentials };
  }
}

function outputsOf(clients: [name: string, { certificate: unknown; credentials: unknown }][]): Properties {
  const outputs = {
    certificates: Object.fromEntries(clients.map(([name, { certificate }]) => [name, certificate])),
    credentials: Object.fromEntries(clients.map(([name, { credentials }]) => [name, credentials])),
  };
  return outputs satisfies Record<keyof FleetOutputs, unknown>;
}

/** Whether it is known which clients there are. */
function areKnown(clients: unknown): boolean {
  return isKnown(clients) && !Array.isArray(clients);
}

function inputsOf(properties: Properties): FleetInputs {
  return properties as unknown as FleetInputs;
}
