import Table from "cli-table3";

import { runningTasks } from "../rules/swarm.ts";
import { askDocker, dockerHost } from "../toolchain/docker-host.ts";
import { containerName, inspectSite } from "./container.ts";
import { type CertificateStatus, type PkiStatus, pkiStatus } from "./facts.ts";
import { type ImageFacts, type ImageStatus, imageStatus, imageText } from "./image.ts";
import { inspectService, serviceAddresses, serviceName } from "./service.ts";
import { siteUrl } from "./site-url.ts";
import { readStack, requireUp, type Stack } from "./stack.ts";

/** What `status --json` prints. */
export interface Status extends PkiStatus {
  stack: string;
  url: string;
  names: string[];
  /** Missing where no container is deployed. */
  container?: ContainerStatus;
  /** Missing where no service is deployed. */
  service?: ServiceStatus;
}

interface ServiceStatus {
  name: string;
  /** Swarm's word for the last update, `absent`, or `running` where there was none. */
  state: string;
  replicas: { running: number; desired: number };
  /** Where clients reach it. */
  addresses: string[];
  image: ImageStatus;
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

/** `status`: the stack as its files and its container or service are now. Asks neither the engine nor the network. */
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
    ...(config.deploy === "none" ? {} : await deployed(stack)),
  };
}

async function deployed(stack: Stack): Promise<Pick<Status, "container" | "service">> {
  if (stack.config.target === "swarm") return { service: await serviceStatus(stack) };
  return { container: await containerStatus(stack) };
}

async function serviceStatus(stack: Stack): Promise<ServiceStatus> {
  const found = await inspectService(stack);
  const { service, tasks = [] } = found ?? {};
  const image = service?.Spec.TaskTemplate.ContainerSpec.Image;
  return {
    name: serviceName(stack),
    state: service ? (service.UpdateStatus?.State ?? "running") : "absent",
    replicas: { running: runningTasks(tasks).length, desired: service?.Spec.Mode.Replicated?.Replicas ?? 0 },
    addresses: await serviceAddresses(stack, tasks).catch(() => []),
    image: await imageNow(stack, image),
  };
}

async function containerStatus(stack: Stack): Promise<ContainerStatus> {
  const container = await inspectSite(stack);
  return {
    name: containerName(stack),
    state: container?.State.Status ?? "absent",
    health: container?.State.Health?.Status ?? "none",
    memory: (container?.HostConfig.Memory ?? 0) / 2 ** 20,
    image: await imageNow(stack, container?.Image),
  };
}

/** The image that runs, as the daemon knows it. */
async function imageNow({ config }: Stack, id: string | undefined): Promise<ImageStatus> {
  const path = id && `/images/${encodeURIComponent(id)}/json`;
  const image = path && (await askDocker(dockerHost(), path).catch(() => undefined));
  return imageStatus(config.image, image as ImageFacts | undefined);
}

/** How many rows of a table, and how many warnings, people read. */
const MAX_LINES = 20;

function asText({ stack, url, names, certificates, revocationLists, warnings, container, service }: Status): string {
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
    ...(service ? serviceText(service) : containerText(container)),
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

function serviceText({ name, state, replicas, addresses, image }: ServiceStatus): string[] {
  const { running, desired } = replicas;
  const where = addresses.length > 0 ? `, at ${addresses.join(", ")}` : "";
  return [`Service ${name}: ${state}, ${running} of ${desired} replicas running${where}`, `Image ${imageText(image)}`];
}

/** One line in place of the rows that would make the table too long. */
function furtherCertificates(certificates: CertificateStatus[]): string[] {
  if (certificates.length === 0) return [];
  const first = Math.min(...certificates.map(({ daysLeft }) => daysLeft));
  const revoked = certificates.filter((cert) => cert.revoked).length;
  return [`and ${certificates.length} more: ${revoked} revoked, the first ends in ${first} days; all of them: --json`];
}
