import { isIP } from "node:net";

import type { LabConfig } from "../config.ts";
import { isLoopback } from "../rules/docker-machine.ts";
import { inUrl, siteAddress, siteUrl } from "./site-url.ts";
import type { Stack } from "./stack.ts";

/** What to try, now that the stack is up: something that is accepted, and something that is not. */
export function tryIt(stack: Stack): string {
  const { name, config } = stack;
  if (config.deploy === "none") {
    return `Certificates and configuration are in .lab/${name}; nothing is deployed (deploy: none in Pulumi.${name}.yaml).`;
  }
  const client = config.clients.find((each) => config.revoked[each] === undefined);
  const accepted = client
    ? `Accepted, with ${client}'s certificate:\n  ${curl(stack, client)}`
    : `Nobody is accepted: every client is revoked (${config.clients.join(", ")}).`;
  return `\n${siteUrl(config)}\n\n${accepted}\nRefused, without one:\n  ${curl(stack)}\n`;
}

/** The command that asks the site who its client is, as this client or as nobody. */
export function curl({ name, config }: Stack, client?: string): string {
  const lab = `.lab/${name}`;
  const folder = `${lab}/clients/${client}`;
  return [
    `curl --cacert ${lab}/root.crt`,
    ...resolution(config),
    ...(client === undefined ? [] : [`--cert ${folder}/chain.crt --key ${folder}/client.key`]),
    siteUrl(config, "/whoami"),
  ].join(" ");
}

/** Names under .localhost are loopback for curl; others are not in DNS. */
function resolution(config: LabConfig): string[] {
  const { domain, httpsPort } = config;
  const address = siteAddress(config);
  if (domain.endsWith(".localhost") && isLoopback(address)) return [];
  if (isIP(address) === 0) return [`--connect-to ::${address}:`];
  return [`--resolve ${domain}:${httpsPort}:${inUrl(address)}`];
}
