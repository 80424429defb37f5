/** The lab's configuration: what `Pulumi.yaml` declares, checked. Pure, so that the command line can use it too. */
import { isIP } from "node:net";

import { KEY_ALGORITHMS, type KeyAlgorithm } from "./components/key-algorithm.ts";
import type { Subject } from "./resources/subject.ts";
import { CLIENT_NAME, CLIENT_NAME_ALLOWED } from "./rules/client-names.ts";
import { forbiddenName, type NameConstraints } from "./rules/name-constraints.ts";
import { isMoment } from "./rules/not-before.ts";
import { isRevocationReason, REVOCATION_REASONS, type RevocationReason } from "./rules/revocation-reasons.ts";

/** Every key of `Pulumi.yaml`, where it is described. */
export interface LabConfig {
  domain: string;
  ipAddresses: string[];
  clients: string[];
  fleet: string[];
  organization: string;
  organizationalUnit: string;
  country: string;
  province: string;
  locality: string;
  keyAlgorithm: KeyAlgorithm;
  pkcs12Profile: "modern" | "compat";
  rootValidityHours: number;
  intermediateValidityHours: number;
  serverValidityHours: number;
  clientValidityHours: number;
  crlValidityHours: number;
  nameConstraints: boolean;
  revoked: Record<string, RevocationReason>;
  renewed: Record<string, string>;
  rootCertFile: string;
  rootKeyFile: string;
  protectRoot: boolean;
  deploy: "docker" | "none";
  image: string;
  bindAddress: string;
  httpPort: number;
  httpsPort: number;
  verifyClient: "on" | "optional" | "optional_no_ca" | "off";
  tlsPolicy: "modern" | "intermediate" | "seed";
}

/** A wrong value: one sentence with the key. */
export class ConfigError extends Error {}

/** What one key may hold. */
interface Rule {
  /** In words, for the error. */
  allowed: string;
  accepts: (value: unknown) => boolean;
  /** The engine passes it as JSON text, not as the text itself. */
  json?: true;
}

const text = (pattern: RegExp, allowed: string): Rule => ({
  allowed,
  accepts: (value) => typeof value === "string" && pattern.test(value),
});
const oneOf = (values: readonly string[]): Rule => ({
  allowed: `one of ${values.join(", ")}`,
  accepts: (value) => values.includes(value as string),
});
const integer = (min: number, max: number): Rule => ({
  json: true,
  allowed: `a whole number from ${min} to ${max}`,
  accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
});
const ipAddress: Rule = {
  allowed: "an IPv4 or IPv6 address",
  accepts: (value) => typeof value === "string" && isIP(value) !== 0 && !value.includes("%"),
};
const boolean: Rule = { json: true, allowed: "true or false", accepts: (value) => typeof value === "boolean" };
const list = (item: Rule, atLeast: number): Rule => ({
  json: true,
  allowed: `a list${atLeast > 0 ? ` of at least ${atLeast}` : ""}, none twice, each ${item.allowed}`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length >= atLeast &&
    value.every(item.accepts) &&
    new Set(value.map((one) => String(one).toLowerCase())).size === value.length,
});
const map = (allowed: string, accepts: (value: unknown) => boolean): Rule => ({
  json: true,
  allowed: `a map of ${allowed}`,
  accepts: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(accepts),
});

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const name = text(CLIENT_NAME, CLIENT_NAME_ALLOWED);
const nameOrEmpty = text(/^[\p{L}\p{N} .,'&()_-]{0,64}$/u, "at most 64 letters, digits, spaces and .,'&()_-");
const path = text(/^[^\p{Cc}]{0,4096}$/u, "a path, or empty");
/** A century: more than any certificate needs, and before dates overflow. */
const hours = integer(1, 876_000);
const port = integer(1, 65_535);

const RULES: Record<keyof LabConfig, Rule> = {
  // Two labels at least: browsers and curl refuse a wildcard directly under a top-level name. With `*.` before it, it
  // is a common name, which has room for 64 characters (RFC 5280, appendix A).
  domain: text(
    new RegExp(`^(?=.{1,62}$)(${LABEL}\\.)+(?!\\d+$)${LABEL}$`),
    "a DNS name in lower case, like lab.localhost, of at most 62 characters",
  ),
  ipAddresses: list(ipAddress, 0),
  clients: list(name, 1),
  fleet: list(name, 0),
  organization: text(/^[\p{L}\p{N}][\p{L}\p{N} .,'&()_-]{0,47}$/u, "1 to 48 letters, digits, spaces and .,'&()_-"),
  organizationalUnit: nameOrEmpty,
  country: text(/^([A-Z]{2})?$/, "two capital letters, or empty"),
  province: nameOrEmpty,
  locality: nameOrEmpty,
  keyAlgorithm: oneOf(KEY_ALGORITHMS),
  pkcs12Profile: oneOf(["modern", "compat"]),
  rootValidityHours: hours,
  intermediateValidityHours: hours,
  serverValidityHours: hours,
  clientValidityHours: hours,
  crlValidityHours: hours,
  nameConstraints: boolean,
  revoked: map(
    `names or serial numbers to reasons (${Object.keys(REVOCATION_REASONS).join(", ")})`,
    (reason) => typeof reason === "string" && isRevocationReason(reason),
  ),
  renewed: map(
    'names to moments like "2030-01-31T00:00:00Z", in quotes',
    (moment) => typeof moment === "string" && isMoment(moment),
  ),
  rootCertFile: path,
  rootKeyFile: path,
  protectRoot: boolean,
  deploy: oneOf(["docker", "none"]),
  image: text(/^[a-z0-9][\w./:@-]{0,254}$/, "an image name like nginx:stable or nginx@sha256:…"),
  bindAddress: ipAddress,
  httpPort: port,
  httpsPort: port,
  verifyClient: oneOf(["on", "optional", "optional_no_ca", "off"]),
  tlsPolicy: oneOf(["modern", "intermediate", "seed"]),
};

/** The lab's certificates that are no client's. */
const RESERVED = ["root", "intermediate", "server"];

type Lifetime = Extract<keyof LabConfig, `${string}ValidityHours`>;

/** Which lifetime must be shorter than which: a certificate may not outlive the one that signed it. */
const SHORTER: [Lifetime, Lifetime][] = [
  ["intermediateValidityHours", "rootValidityHours"],
  ["serverValidityHours", "intermediateValidityHours"],
  ["clientValidityHours", "intermediateValidityHours"],
];

/**
 * Checks all keys, unknown ones included. Numbers, booleans and lists may also be JSON text: that is how the engine
 * passes them, and how `pulumi config set` writes them.
 *
 * @throws {ConfigError} for the first that is wrong.
 */
export function checkConfig(given: Record<string, unknown>): LabConfig {
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(RULES, key)) {
      throw new ConfigError(`configuration key '${key}' is unknown: Pulumi.yaml has ${Object.keys(RULES).join(", ")}`);
    }
  }
  const values = Object.entries(RULES).map(([key, { json, allowed, accepts }]) => {
    const value = json && typeof given[key] === "string" ? parsed(given[key]) : given[key];
    if (accepts(value)) return [key, value];
    throw new ConfigError(`configuration key '${key}' must be ${allowed}, got ${JSON.stringify(value)}`);
  });
  const config = Object.fromEntries(values) as LabConfig;
  for (const [child, issuer] of SHORTER) {
    if (config[child] >= config[issuer]) {
      throw new ConfigError(
        `configuration key '${child}' must be less than '${issuer}' (${config[issuer]}), got ${config[child]}`,
      );
    }
  }
  checkNames(
    "revoked",
    config.revoked,
    certificateNames(config).filter((name) => name !== "root"), // a root is taken out of trust
    /^(?!00)([0-9A-F]{2}){8,20}$/,
  );
  checkNames("renewed", config.renewed, certificateNames(config));
  checkClients("clients", config.clients, config);
  checkClients("fleet", config.fleet, config);
  if (config.rootKeyFile !== "" && config.rootCertFile === "") {
    throw new ConfigError("configuration key 'rootKeyFile' is set without 'rootCertFile': set both, or neither");
  }
  if (config.httpPort === config.httpsPort) {
    throw new ConfigError(
      `configuration keys 'httpPort' and 'httpsPort' are both ${config.httpPort}: choose two ports`,
    );
  }
  return config;
}

/** By what names its certificates are spoken of: those of `status`, `renew` and `revoke`. A root from a file is no one's. */
export function certificateNames(config: LabConfig): string[] {
  const own = config.rootCertFile === "" ? RESERVED : RESERVED.filter((name) => name !== "root");
  return [...own, ...clientNames(config)];
}

/** Every client, each alone or of the fleet. */
export function clientNames({ clients, fleet }: LabConfig): string[] {
  return [...clients, ...fleet];
}

/** Refuses clients that cannot be beside all the others of the lab. */
function checkClients(key: "clients" | "fleet", names: string[], config: LabConfig): void {
  const constraints = rootConstraints(config);
  const others = new Set(key === "fleet" ? config.clients.map((name) => name.toLowerCase()) : []);
  for (const commonName of names) {
    const has = `configuration key '${key}' has '${commonName}'`;
    if (RESERVED.includes(commonName)) {
      throw new ConfigError(`${has}, which is the name of the lab's own: choose another`);
    }
    if (others.has(commonName.toLowerCase())) {
      throw new ConfigError(`${has}, which is in 'clients' already: remove one of the two`);
    }
    const certified = { commonName, dnsNames: [], ipAddresses: [], emailAddresses: [] };
    if (constraints && forbiddenName(constraints, certified) !== undefined) {
      throw new ConfigError(
        `${has}, which OpenSSL takes for a DNS name outside ${config.domain}: ` +
          "choose one without dots, or set nameConstraints to false",
      );
    }
  }
}

/** What the lab's root may certify: so who trusts it need not fear for any other site. A root from a file says it itself. */
export function rootConstraints(config: LabConfig): NameConstraints | undefined {
  const { nameConstraints, rootCertFile, domain, ipAddresses } = config;
  if (!nameConstraints || rootCertFile !== "") return undefined;
  const ipRanges = ipAddresses.map((address) => `${address}/${isIP(address) === 6 ? 128 : 32}`);
  const names = { dnsNames: [domain], emailAddresses: [domain] };
  // A kind of name that is not spoken of is not constrained.
  return ipRanges.length > 0
    ? { permitted: { ...names, ipRanges } }
    : { permitted: names, excluded: { ipRanges: ["0.0.0.0/0", "::/0"] } };
}

/** What the distinguished names of all the lab's certificates have in common. */
export function commonSubject(config: LabConfig): Omit<Subject, "commonName"> {
  const { country, province, locality, organization, organizationalUnit } = config;
  return { country, province, locality, organization, organizationalUnit };
}

/** The distinguished name of one of the lab's certificates. */
export function subjectOf(config: LabConfig, commonName: string): Subject {
  return { ...commonSubject(config), commonName };
}

/** Of how many names a refusal reminds. */
const MAX_NAMES = 20;

/** Refuses a key of a map that names nobody. */
function checkNames(key: keyof LabConfig, value: object, names: string[], other = /^$/): void {
  const known = new Set(names);
  const unknown = Object.keys(value).find((name) => !known.has(name) && !other.test(name));
  if (unknown === undefined) return;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  throw new ConfigError(
    `configuration key '${key}' has '${unknown}', which is nobody's name: ` +
      `there are ${names.slice(0, MAX_NAMES).join(", ")}${more}`,
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json; // wrong in any case: let the rule say so
  }
}
