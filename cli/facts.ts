/** What the files of a stack say. Asks neither the engine nor the network. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import type { LabConfig } from "../config.ts";
import { generationsOf, isRootName, ofGeneration } from "../lab/generations.ts";
import { clientNames } from "../lab/names.ts";
import { defaultEarlyRenewalHours, HOUR_MS } from "../rules/lifetime.ts";
import { pemCertificates, pemRevocationLists } from "../rules/pem.ts";
import type { RevocationReason } from "../rules/revocation-reasons.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import type { Stack } from "./stack.ts";

export interface CertificateStatus {
  name: string;
  subject: string;
  issuer: string;
  /** Upper-case hexadecimal. */
  serialNumber: string;
  /** ISO 8601, UTC. */
  notAfter: string;
  /** Whole days until then; negative: so long ago. */
  daysLeft: number;
  /** Why it is in the revocation list; missing where it is not. */
  revoked?: RevocationReason;
}

export interface RevocationListStatus {
  issuer: string;
  /** cRLNumber: rises with every list. */
  number: number | undefined;
  /** How many certificates are in it. */
  entries: number;
  /** ISO 8601, UTC. */
  nextUpdate: string;
  daysLeft: number;
}

/** The certificates and revocation lists of a stack, and what has to be done about them soon. */
export interface PkiStatus {
  certificates: CertificateStatus[];
  revocationLists: RevocationListStatus[];
  warnings: string[];
}

const DAY_MS = 86_400_000;

/** Reads the stack's files; empty where it is not up. What is damaged is left out, with a warning. */
export async function pkiStatus({ name, config, directory }: Stack): Promise<PkiStatus> {
  const damaged: string[] = [];
  /** What a file says; nothing where it is missing or damaged. */
  const read = async <T>(file: string, parse: (text: string) => T[] | Promise<T[]>): Promise<T[]> => {
    if (!existsSync(file)) return [];
    try {
      return await parse(await readFile(file, "utf8"));
    } catch {
      damaged.push(file);
      return [];
    }
  };
  const current = (file: string) => join(directory, "site", "current", file);
  const chain = await read(current("server.crt"), certificatesIn);
  const clients = await Promise.all(
    clientNames(config).map(async (client) => {
      const [cert] = await read(join(directory, "clients", client, "client.crt"), certificatesIn);
      return [client, cert] as const;
    }),
  );
  const ofGenerations = async (ca: string, file: string) =>
    (await read(join(directory, file), certificatesIn)).map((cert, position) => {
      return [ofGeneration(ca, generationsOf(config)[position] ?? 1), cert] as const;
    });
  const [server, , ...crossSigned] = chain; // between them, the intermediate
  const named: (readonly [string, X509Certificate | undefined])[] = [
    ...(await ofGenerations("root", "root.crt")),
    ...(await ofGenerations("intermediate", "intermediates.crt")),
    ...crossSigned.map((cert, position) => [`${crossSignedNames(config)[position] ?? "root"}-cross`, cert] as const),
    ["server", server],
    ...clients,
  ];
  const lists = await read(current("client-ca.crl"), listsIn);
  const present = named.flatMap(([who, cert]) => (cert ? [[who, cert] as const] : []));
  return {
    certificates: present.map(([who, cert]) => certificateStatus(who, cert, lists)),
    revocationLists: lists.map(listStatus),
    warnings: [
      ...damaged.sort().map((file) => damageWarning(name, file)),
      ...present.flatMap(([who, cert]) => renewalWarning(name, who, cert)),
      ...lists.flatMap((list) => staleWarning(name, list)),
      ...(lists.length > 0 ? present.flatMap(([who, cert]) => pendingWarning(name, config, who, cert, lists)) : []),
    ],
  };
}

/** Names of the roots whose certificates by older roots the server sends, the newest first. */
function crossSignedNames(config: LabConfig): string[] {
  const inUse = generationsOf(config).filter((generation) => generation <= config.issuingRoot);
  return inUse.reverse().map((generation) => ofGeneration("root", generation));
}

/** Every certificate of a PEM text. Throws where it has none or one is damaged. */
function certificatesIn(text: string): X509Certificate[] {
  return whole(text, pemCertificates(text)).map((pem) => new X509Certificate(pem));
}

interface List {
  issuer: string;
  number: number | undefined;
  start: number;
  end: number;
  revoked: Map<string, RevocationReason>;
}

/** Every revocation list of a PEM text. Throws where it has none or one is damaged. */
async function listsIn(text: string): Promise<List[]> {
  whole(text, pemRevocationLists(text));
  const { crlFactsIn } = await import("../provider/x509/crl-facts.ts");
  return crlFactsIn(text).map(({ thisUpdate, nextUpdate, ...rest }) => {
    return { ...rest, start: Date.parse(thisUpdate), end: Date.parse(nextUpdate ?? "9999-12-31") };
  });
}

/** The blocks of a PEM text. Throws unless each one that begins also ends. */
function whole(text: string, blocks: string[]): string[] {
  if (blocks.length === 0 || blocks.length !== text.split("-----BEGIN").length - 1) throw new Error("cut short");
  return blocks;
}

function certificateStatus(name: string, cert: X509Certificate, lists: List[]): CertificateStatus {
  const end = Date.parse(cert.validTo);
  const revoked = reasonIn(lists, cert);
  return {
    name,
    subject: oneLine(cert.subject),
    issuer: oneLine(cert.issuer),
    serialNumber: cert.serialNumber,
    notAfter: new Date(end).toISOString(),
    daysLeft: daysUntil(end),
    ...(revoked ? { revoked } : {}),
  };
}

function reasonIn(lists: List[], cert: X509Certificate): RevocationReason | undefined {
  return lists.map((list) => list.revoked.get(cert.serialNumber)).find((reason) => reason);
}

/** What the stack's file says and the lists, which nginx reads, do not say yet, or the reverse. */
function pendingWarning(
  stack: string,
  config: LabConfig,
  name: string,
  cert: X509Certificate,
  lists: List[],
): string[] {
  const declared = config.revoked[name] ?? config.revoked[cert.serialNumber];
  if (declared === reasonIn(lists, cert)) return [];
  const what = declared ? `${name} is revoked (${declared})` : `${name} is not revoked any more`;
  return [`${what} in Pulumi.${stack}.yaml, but not in force: npm run up -- --stack ${stack} brings it into force`];
}

function listStatus({ issuer, number, revoked, end }: List): RevocationListStatus {
  return { issuer, number, entries: revoked.size, nextUpdate: new Date(end).toISOString(), daysLeft: daysUntil(end) };
}

function damageWarning(stack: string, file: string): string {
  return `${relative(packageRoot, file)} is damaged: npm run up -- --stack ${stack} mends it`;
}

function renewalWarning(stack: string, name: string, cert: X509Certificate): string[] {
  const [start, end] = [Date.parse(cert.validFrom), Date.parse(cert.validTo)];
  if (!isSoon(start, end)) return [];
  // It is not renewed by itself: those who trust it would have to be told.
  if (isRootName(name)) return [`the root certificate ${endsWhen(end)}: replace it in good time`];
  return [`the certificate of ${name} ${endsWhen(end)}: npm run up -- --stack ${stack} renews it`];
}

function staleWarning(stack: string, { issuer, start, end }: List): string[] {
  if (!isSoon(start, end)) return [];
  const what = `the revocation list of ${issuer} ${endsWhen(end)}, and without it nobody is let in`;
  return [`${what}: npm run up -- --stack ${stack} signs a new one`];
}

/** Whether something is in the last part of its life, in which `up` renews it. */
function isSoon(start: number, end: number): boolean {
  return Date.now() >= end - defaultEarlyRenewalHours((end - start) / HOUR_MS) * HOUR_MS;
}

function endsWhen(end: number): string {
  const days = daysUntil(end);
  if (days < 0) return `ended on ${new Date(end).toISOString().slice(0, 10)}`;
  return days === 0 ? "ends today" : `ends in ${days} day${days === 1 ? "" : "s"}`;
}

function daysUntil(end: number): number {
  return Math.floor((end - Date.now()) / DAY_MS);
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
