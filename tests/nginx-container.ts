import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import Docker from "dockerode";

import { type IssuerChain, renderClientChains } from "../components/client-chains.ts";
import { type NginxConfView, renderNginxConf } from "../components/nginx-conf.ts";
import { renderPages } from "../components/pages.ts";
import { request } from "./http-client.ts";
import type { Identity } from "./test-pki.ts";

const docker = new Docker();

/** What every container of a test carries, so that one left behind by a killed run can be found. */
const LABELS = { "mtls-lab.test": "nginx" };
const MOUNT_PATH = "/etc/nginx/site";

/** What a version of a site is made from. */
export interface Version {
  view: NginxConfView;
  server: Identity;
  /** Trust anchors for client certificates, PEM. */
  clientCaPem: string;
  /** Revocation lists of the clients' CAs, PEM. @default - none, for a view that checks none */
  crlPem?: string;
  /** For services: the chains below the trust anchors. @default - none is known */
  chains?: IssuerChain[];
  /** For services that are asked by TLS: further files by their path. @default - none */
  upstreamFiles?: Record<string, string>;
}

/** The files of a version as they are published, by their path: configuration, certificates and pages. */
export function filesOf({
  view,
  server,
  clientCaPem,
  crlPem,
  chains = [],
  upstreamFiles,
}: Version): Record<string, string> {
  const pages = Object.entries(renderPages(view)).map(([path, text]) => [`pages/${path}`, text] as const);
  return {
    "nginx.conf": renderNginxConf(view),
    "server.crt": server.chainPem,
    "server.key": server.privateKeyPem,
    "client-ca.crt": clientCaPem,
    ...(crlPem === undefined ? {} : { "client-ca.crl": crlPem }),
    ...(view.locations ? { "client-chains.conf": renderClientChains(chains) } : {}),
    ...upstreamFiles,
    ...Object.fromEntries(pages),
  };
}

/** Writes a version of a site into a folder. */
export function writeVersion(folder: string, version: Version): void {
  for (const [path, text] of Object.entries(filesOf(version))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A running nginx. */
export interface NginxContainer {
  id: string;
  /** Loopback ports of the host. */
  httpPort: number;
  httpsPort: number;
  /** Runs a command in the container. */
  run(command: string[]): Promise<{ status: number; output: string }>;
  /** What nginx has written so far, standard output and error together. */
  logs(): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Starts nginx on one version of the site in `folder`, confined as in a deployment, and waits until it answers.
 *
 * @param name of the container. Left out: Docker's choice.
 */
export async function startNginx(folder: string, version: string, name?: string): Promise<NginxContainer> {
  // The container's user is not the one who runs the tests.
  chmodSync(folder, 0o755);
  const container = await docker.createContainer({
    name,
    Image: "nginx:stable",
    User: "101:101",
    Labels: LABELS,
    Entrypoint: ["nginx"],
    Cmd: ["-p", `${MOUNT_PATH}/${version}/`, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"],
    ExposedPorts: { "8080/tcp": {}, "8443/tcp": {} },
    HostConfig: {
      ExtraHosts: ["host.docker.internal:host-gateway"],
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: [{ Type: "bind", Source: folder, Target: MOUNT_PATH, ReadOnly: true }],
      PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1" }], "8443/tcp": [{ HostIp: "127.0.0.1" }] },
    },
  });
  const logs = async () => plainText(await container.logs({ stdout: true, stderr: true, follow: false }));
  const remove = async () => void (await container.remove({ force: true }));
  try {
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const [httpPort, httpsPort] = ["8080/tcp", "8443/tcp"].map((port) =>
      Number(NetworkSettings.Ports[port]?.[0]?.HostPort),
    );
    await untilAnswering(container, httpPort!, logs);
    const { id } = container;
    return { id, httpPort: httpPort!, httpsPort: httpsPort!, logs, remove, run: (command) => run(container, command) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function untilAnswering(container: Docker.Container, port: number, logs: () => Promise<string>): Promise<void> {
  for (;;) {
    try {
      await request({ port, host: "no-name-of-the-site" });
      return;
    } catch {
      const { State } = await container.inspect();
      if (!State.Running) throw new Error(`nginx stopped:\n${await logs()}`);
      await sleep(20);
    }
  }
}

async function run(container: Docker.Container, command: string[]): Promise<{ status: number; output: string }> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const frames = await (await exec.start({})).toArray();
  const { ExitCode } = await exec.inspect();
  return { status: ExitCode ?? -1, output: await plainText(Buffer.concat(frames as Buffer[])) };
}

/** What a container has written: Docker frames it, to tell its two streams apart. */
export async function plainText(framed: Buffer): Promise<string> {
  const frames = new PassThrough();
  const plain = new PassThrough();
  docker.modem.demuxStream(frames, plain, plain);
  frames.on("end", () => plain.end());
  frames.end(framed);
  return Buffer.concat((await plain.toArray()) as Buffer[]).toString("utf8");
}
