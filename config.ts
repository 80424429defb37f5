/** The lab's configuration: what `Pulumi.yaml` declares, checked. Pure, so that the command line can use it too. */
import { problemsTogether } from "./lab/config-together.ts";
import { CLIENT_NAME, CLIENT_NAME_ALLOWED } from "./rules/client-names.ts";
import { type Limit, MEMORY, OPEN_FILES } from "./rules/container-limits.ts";
import { KEY_ALGORITHMS, type KeyAlgorithm } from "./rules/key-algorithms.ts";
import { MAX_VALIDITY_HOURS } from "./rules/lifetime.ts";
import { isIpAddress } from "./rules/names.ts";
import { isMoment } from "./rules/not-before.ts";
import { PKCS12_PROFILES, type Pkcs12Profile } from "./rules/pkcs12-profiles.ts";
import { quoted } from "./rules/quoted.ts";
import { isRevocationReason, REVOCATION_REASONS, type RevocationReason } from "./rules/revocation-reasons.ts";
import { isSitePath, SITE_PATH_ALLOWED } from "./rules/site-paths.ts";
import { PUBLISH_MODES, type PublishMode, REPLICAS } from "./rules/swarm.ts";
import { TLS_POLICIES, type TlsPolicyName } from "./rules/tls-policies.ts";
import { VERIFY_CLIENT_MODES, type VerifyClient } from "./rules/verify-client.ts";

/** Every key of `Pulumi.yaml`, where it is described. */
export interface LabConfig {
  domain: string;
  ipAddresses: string[];
  clients: string[];
  fleet: string[];
  groups: Record<string, string[]>;
  access: Record<string, string[]>;
  organization: string;
  organizationalUnit: string;
  country: string;
  province: string;
  locality: string;
  keyAlgorithm: KeyAlgorithm;
  pkcs12Profile: Pkcs12Profile;
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
  trustedRoots: number[];
  issuingRoot: number;
  protectRoot: boolean;
  deploy: "docker" | "none";
  delivery: "mount" | "upload";
  target: "container" | "swarm";
  replicas: number;
  publishMode: PublishMode;
  image: string;
  memory: number;
  openFiles: number;
  bindAddress: string;
  httpPort: number;
  httpsPort: number;
  verifyClient: VerifyClient;
  tlsPolicy: TlsPolicyName;
  http2: boolean;
  upstreams: Record<string, string>;
  networks: string[];
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
const limit = ({ min, max }: Limit): Rule => integer(min, max);
const ipAddress: Rule = {
  allowed: "an IPv4 or IPv6 address",
  accepts: (value) => typeof value === "string" && isIpAddress(value),
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
const map = (
  allowed: string,
  accepts: (value: unknown) => boolean,
  acceptsKey: (key: string) => boolean = () => true,
): Rule => ({
  json: true,
  allowed: `a map of ${allowed}`,
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(accepts) &&
    Object.keys(value).every(acceptsKey),
});

/** As the Docker daemon takes it (moby, daemon/names). */
const networkName = text(/^[a-zA-Z0-9][\w.-]{0,254}$/, "a network's name, of letters, digits and _.-");
const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const name = text(CLIENT_NAME, CLIENT_NAME_ALLOWED);
const nameOrEmpty = text(/^[\p{L}\p{N} .,'&()_-]{0,64}$/u, "at most 64 letters, digits, spaces and .,'&()_-");
const path = text(/^[^\p{Cc}]{0,4096}$/u, "a path, or empty");
const hours = integer(1, MAX_VALIDITY_HOURS);
const port = integer(1, 65_535);
/** Two digits: they are a part of a common name. */
const generation = integer(1, 99);

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
  groups: map(
    `names (${name.allowed}) to lists of clients, none twice`,
    (members) => list(name, 0).accepts(members),
    name.accepts,
  ),
  access: map(
    `paths (${SITE_PATH_ALLOWED}) to lists of clients and groups, none twice`,
    (names) => list(name, 0).accepts(names),
    isSitePath,
  ),
  organization: text(/^[\p{L}\p{N}][\p{L}\p{N} .,'&()_-]{0,47}$/u, "1 to 48 letters, digits, spaces and .,'&()_-"),
  organizationalUnit: nameOrEmpty,
  country: text(/^([A-Z]{2})?$/, "two capital letters, or empty"),
  province: nameOrEmpty,
  locality: nameOrEmpty,
  keyAlgorithm: oneOf(KEY_ALGORITHMS),
  pkcs12Profile: oneOf(PKCS12_PROFILES),
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
  trustedRoots: list(generation, 1),
  issuingRoot: generation,
  protectRoot: boolean,
  deploy: oneOf(["docker", "none"]),
  delivery: oneOf(["mount", "upload"]),
  target: oneOf(["container", "swarm"]),
  replicas: limit(REPLICAS),
  publishMode: oneOf(PUBLISH_MODES),
  image: text(/^[a-z0-9][\w./:@-]{0,254}$/, "an image name like nginx:stable or nginx@sha256:…"),
  memory: limit(MEMORY),
  openFiles: limit(OPEN_FILES),
  bindAddress: ipAddress,
  httpPort: port,
  httpsPort: port,
  verifyClient: oneOf(VERIFY_CLIENT_MODES),
  tlsPolicy: oneOf(TLS_POLICIES),
  http2: boolean,
  upstreams: map(
    `paths (${SITE_PATH_ALLOWED}) to urls like http://app:3000`,
    (url) => typeof url === "string",
    isSitePath,
  ),
  networks: list(networkName, 0),
};

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
    if (accepts(value)) return [key, withoutPrototype(value)];
    throw new ConfigError(`configuration key '${key}' must be ${allowed}, got ${quoted(value)}`);
  });
  const config = Object.fromEntries(values) as LabConfig;
  const [problem] = problemsTogether(config);
  if (problem !== undefined) throw new ConfigError(`configuration ${problem}`);
  return config;
}

/** A map is asked for names, and a client may be called `constructor`. */
function withoutPrototype(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null) as object, value);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json; // wrong in any case: let the rule say so
  }
}
