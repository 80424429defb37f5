/** Values of the configuration that are right by themselves, and not beside each other. Pure. */
import type { LabConfig } from "../config.ts";
import { forbiddenName } from "../rules/name-constraints.ts";
import { sitePath } from "../rules/site-paths.ts";
import { EVERY_ADDRESS, PUBLISH_MODES, REPLICAS } from "../rules/swarm.ts";
import { certificateNames, isReserved, isRootName } from "./generations.ts";
import { clientNames, rootConstraints } from "./names.ts";
import { upstreamProblems } from "./upstreams.ts";

/** A common name has room for 64 characters (RFC 5280, appendix A), also for " Intermediate CA 99". */
const MAX_ORGANIZATION_WITH_NUMBER = 45;

/** Of how many names a refusal reminds. */
const MAX_NAMES = 20;

type Lifetime = Extract<keyof LabConfig, `${string}ValidityHours`>;

/** Which lifetime must be shorter than which: a certificate may not outlive the one that signed it. */
const SHORTER: [Lifetime, Lifetime][] = [
  ["intermediateValidityHours", "rootValidityHours"],
  ["serverValidityHours", "intermediateValidityHours"],
  ["clientValidityHours", "intermediateValidityHours"],
];

/** Each that is wrong, as the end of a sentence that begins with "configuration". */
export function problemsTogether(config: LabConfig): string[] {
  return [
    ...lifetimeProblems(config),
    ...rootProblems(config),
    ...nobodyProblems(config),
    ...clientProblems("clients", config),
    ...clientProblems("fleet", config),
    ...accessProblems(config),
    ...portProblems(config),
    ...swarmProblems(config),
    ...upstreamProblems(config),
  ];
}

function lifetimeProblems(config: LabConfig): string[] {
  return SHORTER.filter(([child, issuer]) => config[child] >= config[issuer]).map(
    ([child, issuer]) => `key '${child}' must be less than '${issuer}' (${config[issuer]}), got ${config[child]}`,
  );
}

function rootProblems({ rootCertFile, rootKeyFile, trustedRoots, issuingRoot, organization }: LabConfig): string[] {
  const trusted = trustedRoots.join(", ");
  const isNumbered = Math.max(...trustedRoots) > 1;
  return [
    ...when(
      !trustedRoots.includes(issuingRoot),
      `key 'issuingRoot' must be one of 'trustedRoots' (${trusted}), got ${issuingRoot}`,
    ),
    ...when(
      rootKeyFile !== "" && rootCertFile === "",
      "key 'rootKeyFile' is set without 'rootCertFile': set both, or neither",
    ),
    ...when(
      rootCertFile !== "" && !trustedRoots.includes(1),
      `key 'rootCertFile' is root 1, and 'trustedRoots' has only ${trusted}: leave it empty`,
    ),
    ...when(
      isNumbered && organization.length > MAX_ORGANIZATION_WITH_NUMBER,
      `key 'organization' must have at most ${MAX_ORGANIZATION_WITH_NUMBER} characters beside a root with a number, ` +
        `got ${organization.length}`,
    ),
  ];
}

function nobodyProblems(config: LabConfig): string[] {
  const names = certificateNames(config);
  const revocable = names.filter((name) => !isRootName(name)); // a root is taken out of trust
  return [
    ...nobodyIn("revoked", config.revoked, revocable, /^(?!00)([0-9A-F]{2}){8,20}$/),
    ...nobodyIn("renewed", config.renewed, names),
  ];
}

function nobodyIn(key: keyof LabConfig, value: object, names: string[], other = /^$/): string[] {
  const known = new Set(names);
  return Object.keys(value)
    .filter((name) => !known.has(name) && !other.test(name))
    .map((name) => `key '${key}' has '${name}', which is nobody's name: ${thereAre(names)}`);
}

function thereAre(names: string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  return `there are ${names.slice(0, MAX_NAMES).join(", ")}${more}`;
}

/** Groups and rules that speak of nobody, or of two at once. */
function accessProblems(config: LabConfig): string[] {
  const { groups, access, verifyClient } = config;
  const names = clientNames(config);
  const paths = Object.keys(access);
  const twin = paths.find((path, index) => paths.findIndex((other) => sitePath(other) === sitePath(path)) < index);
  return [
    ...Object.keys(groups).flatMap((group) =>
      when(names.includes(group), `key 'groups' has '${group}', which is the name of a client: choose another`),
    ),
    ...unknownIn("groups", groups, names, "no client"),
    ...unknownIn("access", access, [...Object.keys(groups), ...names], "neither a group nor a client"),
    ...when(
      twin !== undefined,
      `key 'access' has '${twin}', which is there already without or with a slash: remove one`,
    ),
    ...when(
      paths.length > 0 && verifyClient === "off",
      "key 'access' lets nobody in with verifyClient off, where nobody is asked: set verifyClient to on or optional",
    ),
  ];
}

function unknownIn(key: "groups" | "access", lists: Record<string, string[]>, names: string[], what: string): string[] {
  const known = new Set(names);
  return Object.entries(lists).flatMap(([place, members]) =>
    members
      .filter((name) => !known.has(name))
      .map((name) => `key '${key}' has '${name}' at '${place}', which is ${what}: ${thereAre(names)}`),
  );
}

/** Clients that cannot be beside all the others of the lab. */
function clientProblems(key: "clients" | "fleet", config: LabConfig): string[] {
  const constraints = rootConstraints(config);
  const others = new Set(key === "fleet" ? config.clients.map((name) => name.toLowerCase()) : []);
  const isForbidden = (commonName: string) =>
    constraints && forbiddenName(constraints, { commonName, dnsNames: [], ipAddresses: [], emailAddresses: [] });
  return config[key].flatMap((name) => {
    const has = `key '${key}' has '${name}'`;
    return [
      ...when(isReserved(name), `${has}, which is the name of the lab's own: choose another`),
      ...when(others.has(name.toLowerCase()), `${has}, which is in 'clients' already: remove one of the two`),
      ...when(
        isForbidden(name) !== undefined,
        `${has}, which OpenSSL takes for a DNS name outside ${config.domain}: ` +
          "choose one without dots, or set nameConstraints to false",
      ),
    ];
  });
}

function portProblems({ httpPort, httpsPort }: LabConfig): string[] {
  return when(httpPort === httpsPort, `keys 'httpPort' and 'httpsPort' are both ${httpPort}: choose two ports`);
}

/** A value that is not the default has been set. */
function swarmProblems({ target, replicas, publishMode, delivery, bindAddress }: LabConfig): string[] {
  const isSwarm = target === "swarm";
  const forSwarm = (key: string) =>
    `key '${key}' is for a swarm, and 'target' is container: leave it out, or set target to swarm`;
  return [
    ...when(!isSwarm && replicas !== REPLICAS.default, forSwarm("replicas")),
    ...when(!isSwarm && publishMode !== PUBLISH_MODES[0], forSwarm("publishMode")),
    ...when(isSwarm && delivery !== "mount", "key 'delivery' is for a container, and 'target' is swarm: leave it out"),
    ...when(
      isSwarm && bindAddress !== EVERY_ADDRESS,
      `key 'bindAddress' must be 0.0.0.0 with target swarm, which publishes on every address of a node, got ${bindAddress}`,
    ),
  ];
}

function when(isWrong: boolean, problem: string): string[] {
  return isWrong ? [problem] : [];
}
