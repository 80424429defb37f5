import type * as pulumi from "@pulumi/pulumi";

import type { PublishMode } from "../rules/swarm.ts";
import type { Issuer } from "./issuer.ts";
import type { NginxConfView } from "./nginx-conf.ts";
import type { Revocation } from "./revocation.ts";
import type { ServerCert } from "./server-cert.ts";
import type { SiteLocation } from "./site-location.ts";

/** Arguments of `NginxMtlsSite`. */
export interface NginxMtlsSiteArgs {
  /** What the server shows. Its names and addresses are the ones the site answers to. */
  serverCert: ServerCert;

  /**
   * The CAs of the clients. nginx trusts their roots, and so lets in the clients of every CA below these: one that is
   * not named here is no barrier (see nginx's `ssl_client_certificate`).
   */
  clientIssuers: Issuer[];

  /**
   * The revocation lists of the clients' CAs.
   *
   * @default - a revoked certificate is not noticed
   */
  revocation?: Revocation;

  /**
   * Parts of the site: who may see them, and which services answer for them. Of a request that none of them covers nothing but
   * `verifyClient` is asked, and it gets the site's own pages.
   *
   * @default []
   */
  locations?: SiteLocation[];

  /**
   * Names of Docker networks that the container is in, in place of Docker's default one. In a network that one has made, containers
   * find each other by their names. A service that has such a name must be in one of them.
   *
   * @default - Docker's default network
   */
  networks?: pulumi.Input<string>[];

  /** Absolute path of a directory of this machine for the site's files. The container sees them read-only. */
  directory: string;

  /**
   * nginx's `ssl_verify_client`.
   *
   * @default "on"
   */
  verifyClient?: NginxConfView["verifyClient"];

  /**
   * nginx's `ssl_verify_depth`: how many CAs may stand between a client and the root (OpenSSL 1.1.0 and newer).
   *
   * @default - as many as `clientIssuers` have
   */
  verifyDepth?: number;

  /**
   * TLS versions, ciphers and curves, by their name in `templates/tls-policy.json`.
   *
   * @default "intermediate"
   */
  tlsPolicy?: NginxConfView["tlsPolicy"];

  /**
   * Whether HTTP/2 is offered beside HTTP/1.1 (nginx's `http2`).
   *
   * @default false - one request and one log line after the other are easier to follow
   */
  http2?: boolean;

  /**
   * Host address to publish the ports on. A swarm publishes on every address of a node.
   *
   * @default "127.0.0.1", or "0.0.0.0" in a swarm
   */
  bindAddress?: string;

  /**
   * Where this machine reaches the published ports, in a swarm those of the daemon's node: an IP address or a name. The update ends when
   * the site answers there.
   *
   * @default - `bindAddress`, or if that is every address the machine that `DOCKER_HOST` names
   */
  address?: string;

  /**
   * Host port that redirects to https, 1 to 65535.
   *
   * @default 8080
   */
  httpPort?: number;

  /**
   * Host port for TLS, 1 to 65535.
   *
   * @default 8443
   */
  httpsPort?: number;

  /**
   * How to run it. `none`: files only, no Docker daemon is asked for.
   *
   * @default "docker"
   */
  deploy?: "docker" | "none";

  /**
   * How the files get into the container. `mount`: the container has `directory` itself mounted, so the Docker daemon must be on this
   * machine. `upload`: they are copied into a Docker volume, by the Docker API, wherever the daemon is (`DOCKER_HOST`). Not with a swarm,
   * which has them as objects of its own.
   *
   * @default "mount"
   */
  delivery?: "mount" | "upload";

  /**
   * What runs it: one container, or a service of the Docker Swarm that the daemon manages.
   *
   * @default "container"
   */
  target?: "container" | "swarm";

  /**
   * How many tasks the service has, 1 to 100. Only with a swarm; changed in place.
   *
   * @default 2
   */
  replicas?: number;

  /**
   * How the nodes publish the ports. `ingress`: each passes connections on to all tasks, and nginx sees an address of that network in place
   * of the client's. `host`: only nodes that run a task answer, at most one on each, so an update needs one node more than `replicas`. Only
   * with a swarm.
   *
   * @default "ingress"
   */
  publishMode?: PublishMode;

  /**
   * nginx image, of 1.21.5 or newer (`$ssl_curve` is in the log); with a digest (`nginx@sha256:…`) it cannot change under you.
   *
   * @default "nginx:stable"
   */
  image?: string;

  /**
   * Memory that the container may use, in MB of 2^20 octets, without swap; 16 to 1048576. Changed in place. In a swarm that of each
   * task, and its swap is what the node allows.
   *
   * @default 128 - enough for the 1024 connections that nginx takes, also during a reload; many slow clients of a service need more
   */
  memory?: number;

  /**
   * Files and connections that each process in the container may have open (ulimit `nofile`), 2048 to 1048576. Another one
   * replaces the container. In a swarm nginx limits its workers itself (`worker_rlimit_nofile`), below what the node allows.
   *
   * @default 4096
   */
  openFiles?: number;

  /**
   * Name of the container or of the service. Two on one host, or in one swarm, must differ.
   *
   * @default - project, stack and component name
   */
  containerName?: string;
}
