/** What an update has to do with each client of a fleet. Looks at the files, and changes nothing. */
import { NOT_IN_IT } from "../certificate.ts";
import { isSameIssuer } from "../ca-identity.ts";
import { endOfIssuer, isAskedFor, isDue } from "../issuance.ts";
import { changedProperties, isKnown, type Properties, type Resource } from "../resource-type.ts";
import { staleFiles } from "./files.ts";
import { contentsOf, type FleetInputs, knownClients, type KnownClient, requestFor } from "./inputs.ts";

/** What of a client's is made anew, and with it all that comes after; what comes before stays. */
const STAGES = ["key", "certificate", "pkcs12", "files"] as const;
export type Stage = (typeof STAGES)[number];

/** The work of an update. Clients by their names. */
export interface Plan {
  /** Inputs of all clients that changed. */
  properties: string[];
  added: string[];
  removed: string[];
  /** Those that there is a reason of their own to change. */
  changed: string[];
  /** Where to begin with a client. One that is not here stays as it is. */
  stages: Map<string, Stage>;
}

/** Inputs that may change without another certificate. */
const NOT_IN_CERTIFICATES = [...NOT_IN_IT, "chainPem", "pkcs12Profile", "directory"];

/** Plans an update; for a resource without inputs and outputs, its creation. */
export function planOf(resource: Resource, properties: Properties): Plan {
  const olds = knownClients(resource);
  const news = properties as unknown as FleetInputs;
  const names = Object.keys(news.clients);
  const changes = changedProperties(resource.inputs, properties).filter((property) => property !== "clients");
  const common = commonStage(changes, isSameIssuer(resource.inputs, properties));
  const issuerEnd = endOfIssuer(properties);

  const plan: Plan = { properties: changes, added: [], removed: [], changed: [], stages: new Map() };
  for (const name of names) {
    const old = olds.get(name);
    const own = old ? ownStage(name, old, news, issuerEnd, common) : "key";
    const stage = earliest(own, common);
    if (stage) plan.stages.set(name, stage);
    if (!old) plan.added.push(name);
    else if (own || changedProperties(old.inputs, news.clients[name]!).length > 0) plan.changed.push(name);
  }
  plan.removed = [...olds.keys()].filter((name) => !Object.hasOwn(news.clients, name));
  return plan;
}

/** What the change of these inputs means for every client. */
function commonStage(changes: string[], isSameIssuer: boolean): Stage | undefined {
  const reissues = (property: string) =>
    property === "issuerCertPem" ? !isSameIssuer : !NOT_IN_CERTIFICATES.includes(property);
  if (changes.includes("keyAlgorithm")) return "key";
  if (changes.some(reissues)) return "certificate";
  if (changes.includes("chainPem") || changes.includes("pkcs12Profile")) return "pkcs12";
  return changes.includes("directory") ? "files" : undefined;
}

/** What there is to do with a client even if nothing is with the others. */
function ownStage(
  name: string,
  old: KnownClient,
  news: FleetInputs,
  issuerEnd: Date | undefined,
  common: Stage | undefined,
): Stage | undefined {
  const asked = requestFor(name, "", news);
  if (isAskedFor(old.certificate, asked.renewedAt) || isDue(old.certificate, asked, issuerEnd)) return "certificate";
  // Where all files are written in any case, none need be read.
  if (common || news.directory === undefined || !isKnown(news.directory)) return undefined;
  const stale = staleFiles(news.directory, name, contentsOf(old.certificate, old.credentials, news.chainPem));
  return stale.length > 0 ? "files" : undefined;
}

function earliest(...stages: (Stage | undefined)[]): Stage | undefined {
  return STAGES.find((stage) => stages.includes(stage));
}
