import Table from "cli-table3";

import { askDocker, dockerHost } from "../toolchain/docker-host.ts";
import { containerName, inspectSite } from "./container.ts";
import { type CertificateStatus, type PkiStatus, pkiStatus } from "./facts.ts";
import { type ImageFacts, type ImageStatus, imageStatus, imageText } from "./image.ts";
import { siteUrl } from "./site-url.ts";
import { readStack, requireUp, type Stack } from "./stack.ts";

/** What `status --json` prints. */
export interface Status extends PkiStatus {
  stack: string;
  url: string;
  names: string[];
  /** Missing where nothing is deployed. */
  container?: ContainerStatus;
}

interface ContainerStatus {
  name: string;
  /** Docker's word, or `absent`. */
  state: string;
  /** Docker's word; `none` without a health check. */
  health: string;
  /** Its memory limit in MB; 0 for none, or where it is absent. */
  memory: number;
  image: ImageStatus;
}

/** `status`: the stack as its files and its container are now. Asks neither the engine nor the network. */
export async function status(options: { stack: string; json?: true }): Promise<void> {
  const stack = await readStack(options.stack);
  requireUp(stack);
  const found = await statusOf(stack);
  console.log(options.json ? JSON.stringify(found, undefined, 2) : asText(found));
}

async function statusOf(stack: Stack): Promise<Status> {
  const { name, config } = stack;
  return {
    stack: name,
    url: siteUrl(config),
    names: [`*.${config.domain}`, config.domain, ...config.ipAddresses],
    ...(await pkiStatus(stack)),
    ...(config.deploy === "docker" ? { container: await containerStatus(stack) } : {}),
  };
}

async function containerStatus(stack: Stack): Promise<ContainerStatus> {
  const container = await inspectSite(stack);
  const image = container && (await askDocker(dockerHost(), `/images/${container.Image}/json`).catch(() => undefined));
  return {
    name: containerName(stack),
    state: container?.State.Status ?? "absent",
    health: container?.State.Health?.Status ?? "none",
    memory: (container?.HostConfig.Memory ?? 0) / 2 ** 20,
    image: imageStatus(stack.config.image, image as ImageFacts | undefined),
  };
}

/** How many rows of a table, and how many warnings, people read. */
const MAX_LINES = 20;

function asText({ stack, url, names, certificates, revocationLists, warnings, container }: Status): string {
  const style = { head: [], border: [] };
  const table = new Table({ head: ["certificate", "subject", "days left", "serial number", "revoked"], style });
  for (const cert of certificates.slice(0, MAX_LINES)) {
    table.push([cert.name, cert.subject, cert.daysLeft, cert.serialNumber, cert.revoked ?? ""]);
  }
  const lists = new Table({ head: ["revocation list of", "number", "entries", "days left"], style });
  for (const { issuer, number, entries, daysLeft } of revocationLists) lists.push([issuer, number, entries, daysLeft]);
  return [
    `Stack ${stack}: ${url}`,
    `Names: ${names.join(", ")}`,
    ...containerText(container),
    table.toString(),
    ...furtherCertificates(certificates.slice(MAX_LINES)),
    ...(revocationLists.length > 0 ? [lists.toString()] : []),
    ...warnings.slice(0, MAX_LINES).map((warning) => `warning: ${warning}`),
    ...(warnings.length > MAX_LINES ? [`and ${warnings.length - MAX_LINES} more warnings`] : []),
  ].join("\n");
}

function containerText(container: ContainerStatus | undefined): string[] {
  if (container === undefined) return ["Nothing is deployed (deploy: none)"];
  const { name, state, health, memory, image } = container;
  const limit = memory > 0 ? `, memory ${memory} MB at most` : "";
  return [`Container ${name}: ${state}, health ${health}${limit}`, `Image ${imageText(image)}`];
}

/** One line in place of the rows that would make the table too long. */
function furtherCertificates(certificates: CertificateStatus[]): string[] {
  if (certificates.length === 0) return [];
  const first = Math.min(...certificates.map(({ daysLeft }) => daysLeft));
  const revoked = certificates.filter((cert) => cert.revoked).length;
  return [`and ${certificates.length} more: ${revoked} revoked, the first ends in ${first} days; all of them: --json`];
}
