import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Table from "cli-table3";

import { Failure } from "../toolchain/failure.ts";
import { pemCertificates } from "../toolchain/pem.ts";
import { containerName, inspectSite } from "./container.ts";
import { readStack, type Stack } from "./stack.ts";

/** What `status --json` prints. */
export interface Status {
  stack: string;
  url: string;
  names: string[];
  certificates: CertificateStatus[];
  container: ContainerStatus;
}

interface CertificateStatus {
  name: string;
  subject: string;
  issuer: string;
  /** Upper-case hexadecimal. */
  serialNumber: string;
  /** ISO 8601, UTC. */
  notAfter: string;
  /** Whole days until then; negative: so long ago. */
  daysLeft: number;
}

interface ContainerStatus {
  name: string;
  /** Docker's word, or `absent`. */
  state: string;
  /** Docker's word; `none` without a health check. */
  health: string;
  image: string;
}

const DAY_MS = 86_400_000;

/** `status`: the stack as its files and its container are now. Asks neither the engine nor the network. */
export async function status(options: { stack: string; json?: true }): Promise<void> {
  const stack = await readStack(options.stack);
  if (!existsSync(join(stack.directory, "root.crt"))) {
    throw new Failure(`stack ${stack.name} is not up: npm run up -- --stack ${stack.name}`);
  }
  const found = await statusOf(stack);
  console.log(options.json ? JSON.stringify(found, undefined, 2) : asText(found));
}

async function statusOf(stack: Stack): Promise<Status> {
  const { name, config, directory } = stack;
  const chain = await certificatesIn(join(directory, "site", "current", "server.crt"));
  const container = await inspectSite(stack);
  return {
    stack: name,
    url: `https://${config.domain}${config.httpsPort === 443 ? "" : `:${config.httpsPort}`}/`,
    names: [`*.${config.domain}`, config.domain, ...config.ipAddresses],
    certificates: [
      ...(await certificatesIn(join(directory, "root.crt"))).map((cert) => certificateStatus("root", cert)),
      ...chain.slice(1).map((cert) => certificateStatus("intermediate", cert)),
      ...chain.slice(0, 1).map((cert) => certificateStatus("server", cert)),
      ...(await Promise.all(config.clients.map((client) => clientStatus(directory, client)))).flat(),
    ],
    container: {
      name: containerName(stack),
      state: container?.State.Status ?? "absent",
      health: container?.State.Health?.Status ?? "none",
      image:
        container?.Config.Labels["org.opencontainers.image.description"] ?? container?.Config.Image ?? config.image,
    },
  };
}

async function clientStatus(directory: string, client: string): Promise<CertificateStatus[]> {
  const certificates = await certificatesIn(join(directory, "clients", client, "client.crt"));
  return certificates.map((cert) => certificateStatus(client, cert));
}

/** Every certificate of a PEM file; none where it is missing. */
async function certificatesIn(file: string): Promise<X509Certificate[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return pemCertificates(text).map((pem) => new X509Certificate(pem));
}

function certificateStatus(name: string, cert: X509Certificate): CertificateStatus {
  const end = Date.parse(cert.validTo);
  return {
    name,
    subject: oneLine(cert.subject),
    issuer: oneLine(cert.issuer),
    serialNumber: cert.serialNumber,
    notAfter: new Date(end).toISOString(),
    daysLeft: Math.floor((end - Date.now()) / DAY_MS),
  };
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}

function asText({ stack, url, names, certificates, container }: Status): string {
  const table = new Table({
    head: ["certificate", "subject", "days left", "serial number"],
    style: { head: [], border: [] },
  });
  for (const cert of certificates) table.push([cert.name, cert.subject, cert.daysLeft, cert.serialNumber]);
  return [
    `Stack ${stack}: ${url}`,
    `Names: ${names.join(", ")}`,
    `Container ${container.name}: ${container.state}, health ${container.health}, image ${container.image}`,
    table.toString(),
  ].join("\n");
}
