import * as pulumi from "@pulumi/pulumi";

import { SiteFiles } from "../resources/site-files.ts";
import { MEMORY, OPEN_FILES } from "../rules/container-limits.ts";
import type { FileOwner } from "../rules/file.ts";
import { dockerMachine, isLoopback, publishedAddress } from "../rules/docker-machine.ts";
import { nearest } from "../rules/site-paths.ts";
import { EVERY_ADDRESS, PUBLISH_MODES, REPLICAS } from "../rules/swarm.ts";
import type { LocationView } from "./access-list.ts";
import { chainOf, intermediatesBelowRoot, type Issuer } from "./issuer.ts";
import type { NginxConfView } from "./nginx-conf.ts";
import type { NginxMtlsSiteArgs } from "./nginx-mtls-site-args.ts";
import { INNER_PORTS } from "./nginx-process.ts";
import { refuse, refusing } from "./refusal.ts";
import { siteContainer } from "./site-container.ts";
import { siteContent } from "./site-content.ts";
import { siteLocations, withKnownNames, withNames } from "./site-location.ts";
import { mainHost, siteNames } from "./site-names.ts";
import { siteNetwork } from "./site-network.ts";
import { siteService } from "./site-service.ts";

/** The user of nginx's own images; any that is not root would do. */
const UNPRIVILEGED: FileOwner = { uid: 101, gid: 101 };

/**
 * An nginx that demands client certificates: its rendered configuration, certificates and pages as files, and the
 * container that serves them, or the service of a swarm. New files are tested by `nginx -t`, switched to, and loaded without a
 * restart, or task by task.
 *
 * @example
 * new NginxMtlsSite("site", { serverCert, clientIssuers: [issuing], directory: "/srv/mtls/site" });
 */
export class NginxMtlsSite extends pulumi.ComponentResource {
  /** For clients, for example `https://lab.localhost:8443/`. */
  public readonly url: string;
  /** Redirects to `url`. */
  public readonly httpUrl: string;
  public readonly verifyClient: NginxConfView["verifyClient"];
  public readonly verifyDepth: number;
  /** Undefined where no container is deployed. */
  public readonly containerName: string | undefined;
  /** Undefined where no service is deployed. */
  public readonly serviceName: string | undefined;

  constructor(name: string, args: NginxMtlsSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    const { directory, image = "nginx:stable", deploy = "docker", tlsPolicy = "intermediate", http2 = false } = args;
    const { target = "container", replicas = REPLICAS.default, publishMode = PUBLISH_MODES[0] } = args;
    const { delivery = "mount", bindAddress = target === "swarm" ? EVERY_ADDRESS : "127.0.0.1" } = args;
    const { httpPort = 8080, httpsPort = 8443, verifyClient = "on" } = args;
    const { memory = MEMORY.default, openFiles = OPEN_FILES.default } = args;
    const ownName = args.containerName ?? `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
    // What is passed here is written to the state, so no `serverCert`: it holds a private key.
    super("mtls:index:NginxMtlsSite", name, { bindAddress, httpPort, httpsPort, verifyClient, tlsPolicy, http2 }, opts);

    const { serverCert, clientIssuers, revocation, networks = [] } = args;
    if (httpPort === httpsPort) {
      refuse(this, `'httpPort' and 'httpsPort' are both ${httpPort}: choose two different ports`);
    }
    const machine = dockerMachine();
    const { address = publishedAddress(bindAddress, machine) } = args;
    if (deploy === "docker" && machine && isLoopback(address) && !isLoopback(machine)) {
      refuse(
        this,
        `'bindAddress' ${bindAddress} is reached on the Docker daemon's machine (${machine}) only: set 0.0.0.0`,
      );
    }
    const port = { min: 1, max: 65_535 };
    const numbers = {
      httpPort: [httpPort, port],
      httpsPort: [httpsPort, port],
      memory: [memory, MEMORY],
      openFiles: [openFiles, OPEN_FILES],
      replicas: [replicas, REPLICAS],
    } as const;
    for (const [argument, [value, { min, max }]] of Object.entries(numbers)) {
      if (Number.isInteger(value) && value >= min && value <= max) continue;
      refuse(this, `'${argument}' must be a whole number from ${min} to ${max}, got ${value}`);
    }
    for (const [argument, isDefault] of [
      ["replicas", replicas === REPLICAS.default],
      ["publishMode", publishMode === PUBLISH_MODES[0]],
    ] as const) {
      if (target === "swarm" || isDefault) continue;
      refuse(this, `'${argument}' is for a swarm, and 'target' is container: leave it out, or set target to swarm`);
    }
    if (target === "swarm" && delivery !== "mount") {
      refuse(this, "'delivery' is for a container, and 'target' is swarm: leave it out");
    }
    if (target === "swarm" && bindAddress !== EVERY_ADDRESS) {
      refuse(
        this,
        `'bindAddress' must be 0.0.0.0 with target swarm, which publishes on every address of a node, got ${bindAddress}`,
      );
    }
    const unlisted = revocation && clientIssuers.flatMap(chainOf).find((ca) => !revocation.cas.includes(ca));
    if (unlisted) {
      refuse(
        this,
        `'revocation' has no list of ${unlisted.name}, and nginx would let in none of its clients: ` +
          "give it the same 'issuers' as 'clientIssuers'",
      );
    }
    if (clientIssuers.length === 0 && verifyClient !== "off") {
      refuse(this, `'clientIssuers' is empty with verifyClient ${verifyClient}: name the CA of the clients`);
    }
    this.verifyClient = verifyClient;
    this.verifyDepth = args.verifyDepth ?? Math.max(1, ...clientIssuers.map(intermediatesBelowRoot));

    const serverName = refusing(this, () => mainHost(siteNames(serverCert.dnsNames, serverCert.ipAddresses)));
    this.url = `https://${serverName}${httpsPort === 443 ? "" : `:${httpsPort}`}/`;
    this.httpUrl = `http://${serverName}${httpPort === 80 ? "" : `:${httpPort}`}/`;
    this.containerName = deploy === "docker" && target === "container" ? ownName : undefined;
    this.serviceName = deploy === "docker" && target === "swarm" ? ownName : undefined;

    const locations = refusing(this, () => siteLocations(args.locations ?? [], clientIssuers, verifyClient));
    const network = refusing(this, () => siteNetwork(locations, networks));
    const view: NginxConfView = {
      ...INNER_PORTS,
      serverNames: serverCert.dnsNames,
      ipAddresses: serverCert.ipAddresses,
      publicHttpsPort: httpsPort,
      verifyClient,
      verifyDepth: this.verifyDepth,
      checksRevocation: revocation !== undefined,
      tlsPolicy,
      http2,
      ...(target === "swarm" ? { openFiles } : {}), // no container is there to be told of it
      locations: withKnownNames(locations),
    };
    const upstreams = args.locations?.flatMap(({ upstream }) => upstream ?? []) ?? [];
    const files = refusing(this, () =>
      siteContent(this, view, serverCert, clientIssuers, revocation?.crlPem, withNames(locations), upstreams),
    );
    const owner = siteOwner();
    if (deploy === "none") {
      new SiteFiles(`${name}-files`, { directory, files, owner }, { parent: this });
    } else {
      const expected = {
        address,
        port: httpsPort,
        serverName,
        fingerprintSha256: serverCert.fingerprintSha256,
        statusWithoutCertificate: statusWithoutCertificate(verifyClient, locations),
      };
      const parts = { image, directory, files, owner, network, expected, httpPort, httpsPort, memory };
      if (target === "swarm") siteService(name, { ...parts, serviceName: ownName, replicas, publishMode }, this);
      else siteContainer(name, { ...parts, delivery, containerName: ownName, bindAddress, openFiles }, this);
    }

    const { url, httpUrl, containerName, serviceName } = this;
    this.registerOutputs({ url, httpUrl, containerName, serviceName });
  }
}

/** What who has no certificate gets at `/whoami`. */
function statusWithoutCertificate(verifyClient: string, locations: LocationView<Issuer>[]): number {
  if (verifyClient === "on") return 400;
  return nearest("/whoami", locations)?.allow ? 403 : 200;
}

/** nginx never runs as root: the files belong to the caller, or, when that is root, to nobody who can log in. */
function siteOwner(): FileOwner {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? UNPRIVILEGED : { uid, gid: process.getgid!() };
}
