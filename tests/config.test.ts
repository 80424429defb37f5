import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { checkConfig, ConfigError, type LabConfig } from "../config.ts";
import { rootConstraints } from "../lab/names.ts";
import { SITE_PATH_ALLOWED } from "../rules/site-paths.ts";

/** A configuration key as `Pulumi.yaml` declares it. */
interface Declared {
  type: string;
  description: string;
  default: unknown;
}

const declared = (read("Pulumi.yaml") as { config: Record<string, Declared> }).config;
const defaults = Object.fromEntries(Object.entries(declared).map(([key, { default: value }]) => [key, value]));

function read(file: string): unknown {
  return parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));
}

/** The sentence with which values are refused; undefined if they are accepted. */
function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
}

describe("Pulumi.yaml", () => {
  it.each(Object.entries(declared))("gives %s a type, a description and a default of that type", (_, entry) => {
    const { type, description, default: value } = entry;

    expect(description).toMatch(/^\S.*\.$/);
    expect(Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value).toBe(type);
  });

  it("has defaults that are right", () => {
    expect(checkConfig(defaults)).toEqual(defaults);
  });

  it("declares just the keys that are checked", () => {
    expect(refusalOf(() => checkConfig({ ...defaults, nosuch: 1 }))).toBe(
      `configuration key 'nosuch' is unknown: Pulumi.yaml has ${Object.keys(declared).join(", ")}`,
    );
  });
});

describe("Pulumi.<stack>.yaml", () => {
  it.each(["dev", "ci", "prod", "seed"])("has right values: %s", (stack) => {
    const { config } = read(`Pulumi.${stack}.yaml`) as { config: Record<string, unknown> | null };
    const values = Object.entries(config ?? {}).map(([key, value]) => [key.replace(/^mtls-lab:/, ""), value] as const);

    expect(refusalOf(() => checkConfig({ ...defaults, ...Object.fromEntries(values) }))).toBeUndefined();
  });
});

describe("a right value", () => {
  it.each<[string, unknown[]]>([
    ["domain", ["a.b", `${"a".repeat(57)}.test`, "xn--bcher-kva.test", "1.2.test"]],
    ["ipAddresses", [[], ["::1"], ["192.0.2.1", "2001:db8::1"]]],
    ["clients", [["a"], ["alice@lab.test", "a-b_c"], ["7"], ["a".repeat(64)]]],
    ["fleet", [[], ["a"], Array.from({ length: 1000 }, (_, index) => `client-${index}`)]],
    ["groups", [{}, { ops: ["alice", "bob"], none: [], constructor: ["alice"] }]],
    ["access", [{}, { "/": ["alice"], "/admin/": [], "/reports/2026-01": ["alice", "bob"] }]],
    ["organization", ["A", "Müller & Söhne (Köln), 上海", "a".repeat(48)]],
    ["organizationalUnit", ["", "IT", "a".repeat(64)]],
    ["country", ["", "CN"]],
    ["pkcs12Profile", ["modern", "compat"]],
    ["rootValidityHours", [43_801, 876_000]],
    ["clientValidityHours", [1]],
    ["crlValidityHours", [1, 876_000]],
    ["nameConstraints", [true, false]],
    ["upstreams", [{}, { "/": "http://192.0.2.1" }, { "/a/b": "http://host.docker.internal:3000/v1/" }]],
    ["networks", [[], ["a", "project_default"]]],
    [
      "revoked",
      [
        {},
        { alice: "unspecified", bob: "keyCompromise", server: "superseded", intermediate: "cACompromise" },
        { "4A0102030405060708090A0B0C0D0E0F": "certificateHold", [`FF${"00".repeat(19)}`]: "aACompromise" },
        { "0102030405060708": "privilegeWithdrawn" },
      ],
    ],
    [
      "renewed",
      [
        {},
        { alice: "2026-01-31T12:00:00Z", server: "2099-01-31T00:00:00Z" },
        { root: "2026-01-31T12:00:00.000Z", intermediate: "2026-01-31T12:00:00Z" },
      ],
    ],
    ["image", ["nginx", "localhost:5000/a/nginx:1.26", `nginx@sha256:${"0".repeat(64)}`]],
    ["bindAddress", ["0.0.0.0", "::"]],
    ["httpPort", [1, 65_535]],
    ["trustedRoots", [[1], [2, 1], [1, 99]]],
    ["rootCertFile", ["", "ca/root.crt", "/etc/ssl/my root.pem"]],
    ["renewed", [{ root: "2026-01-01T00:00:00Z", intermediate: "2026-01-01T00:00:00Z" }]],
  ])("of %s is accepted", (key, values) => {
    for (const value of values) expect(refusalOf(() => checkConfig({ ...defaults, [key]: value }))).toBeUndefined();
  });
});

const DOMAIN = "a DNS name in lower case, like lab.localhost, of at most 62 characters";
const ADDRESS = "an IPv4 or IPv6 address";
const ADDRESSES = `a list, none twice, each ${ADDRESS}`;
const CLIENTS = "a list of at least 1, none twice, each 1 to 64 letters and digits, with ._@- in between";
const FLEET = "a list, none twice, each 1 to 64 letters and digits, with ._@- in between";
const GROUPS = "a map of names (1 to 64 letters and digits, with ._@- in between) to lists of clients, none twice";
const ACCESS =
  "a map of paths (/ or a path like /admin or /reports/2026, of at most 200 letters, digits and ._-/, and not below " +
  "/errors) to lists of clients and groups, none twice";
const NAME = "at most 64 letters, digits, spaces and .,'&()_-";
const ORGANIZATION = "1 to 48 letters, digits, spaces and .,'&()_-";
const ROOTS = "a list of at least 1, none twice, each a whole number from 1 to 99";
const HOURS = "a whole number from 1 to 876000";
const PORT = "a whole number from 1 to 65535";
const REASONS =
  "a map of names or serial numbers to reasons (unspecified, keyCompromise, cACompromise, affiliationChanged, " +
  "superseded, cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise)";
const MOMENTS = 'a map of names to moments like "2030-01-31T00:00:00Z", in quotes';

describe("a wrong value", () => {
  it.each<[string, string, unknown[]]>([
    [
      "domain",
      DOMAIN,
      ["", "localhost", "Lab.test", "a..b", "a.b.", "-a.b", "a-.b", "a_b.c", "a b.c", "a;b.c", "a.b\n"],
    ],
    ["domain", DOMAIN, ["192.0.2.1", "*.a.b", "../x", `${"a".repeat(59)}.test`, `${"a".repeat(64)}.b`, "ä.test", 1]],
    ["ipAddresses", ADDRESSES, [["1.2.3"], ["::1%lo"], ["lab.test"], ["127.0.0.1", "127.0.0.1"], ["[::1]"], [1]]],
    ["ipAddresses", ADDRESSES, ["127.0.0.1", null, {}]],
    ["clients", CLIENTS, [[], [""], ["../x"], ["a;b"], ["a/b"], ["a b"], [".a"], ["a."], ["-a"], ["a\n"], ["ä"]]],
    [
      "fleet",
      FLEET,
      [[""], ["../x"], ["a;b"], ["a/b"], ["carol", "carol"], ["carol", "CAROL"], ["a".repeat(65)], "carol", null],
    ],
    ["clients", CLIENTS, [["alice", "alice"], ["alice", "ALICE"], ["a".repeat(65)], [7], [["a"]], "alice", null]],
    ["groups", GROUPS, [[], "ops", null, { ops: "alice" }, { ops: ["alice", "ALICE"] }, { ops: [1] }, { ops: [""] }]],
    ["groups", GROUPS, [{ "": ["alice"] }, { "a b": ["alice"] }, { "-a": [] }]],
    ["access", ACCESS, [[], "/", null, { "/": "alice" }, { "/": ["alice", "alice"] }, { "/": null }]],
    [
      "access",
      ACCESS,
      [{ admin: ["alice"] }, { "/a//b": [] }, { "/a/../b": [] }, { "/%61": [] }, { "/a b": [] }, { "/errors": [] }],
    ],
    ["organization", ORGANIZATION, ["", " a", "a".repeat(49), "a/b", "a\n", '"a"', "a=b", 1]],
    ["organizationalUnit", NAME, ["a".repeat(65), "a;b", "<a>", 1, null]],
    ["province", NAME, ["a".repeat(65), "a+b"]],
    ["locality", NAME, ["a".repeat(65), "a\tb"]],
    ["country", "two capital letters, or empty", ["cn", "CHN", "C", "1A", null]],
    ["keyAlgorithm", "one of P-256, P-384, P-521, RSA-2048, RSA-3072, RSA-4096, Ed25519", ["RSA-1024", "p-256", "", 1]],
    ["pkcs12Profile", "one of modern, compat", ["legacy", "Modern", "", true, null]],
    ["rootValidityHours", HOURS, [0, -1, 1.5, 876_001, "many", null, Number.NaN]],
    ["intermediateValidityHours", HOURS, [0, "x"]],
    ["serverValidityHours", HOURS, [0, "x"]],
    ["clientValidityHours", HOURS, [0, "x"]],
    ["trustedRoots", ROOTS, [[], [0], [1, 1], [100], [1.5], ["1"], 1, null]],
    ["issuingRoot", "a whole number from 1 to 99", [0, 100, 1.5, null]],
    ["rootCertFile", "a path, or empty", ["a\nb", "a\0b", 1, null]],
    ["rootKeyFile", "a path, or empty", ["a\nb", null]],
    ["crlValidityHours", HOURS, [0, -1, 1.5, 876_001, "x", null]],
    ["nameConstraints", "true or false", ["yes", 1, null, {}]],
    ["revoked", REASONS, [[], ["alice"], "alice", null, { alice: "lost" }, { alice: 1 }, { alice: ["superseded"] }]],
    ["revoked", REASONS, [{ alice: "removeFromCRL" }, { alice: "constructor" }, { bob: "superseded", alice: null }]],
    ["renewed", MOMENTS, [[], "alice", null, { alice: "now" }, { alice: "2026-01-31" }, { alice: "-5m" }]],
    ["renewed", MOMENTS, [{ alice: "2026-02-30T00:00:00Z" }, { alice: 1 }, { alice: null }, { alice: true }]],
    ["protectRoot", "true or false", ["yes", 1, null]],
    ["deploy", "one of docker, none", ["podman", "", true, null]],
    ["image", "an image name like nginx:stable or nginx@sha256:…", ["", "a b", "-x", "Nginx", "a;b", "a".repeat(256)]],
    ["memory", "a whole number from 16 to 1048576", [15, 1_048_577, 64.5, "128m"]],
    ["openFiles", "a whole number from 2048 to 1048576", [1024, 0, "many"]],
    ["bindAddress", ADDRESS, ["localhost", "", "1.2.3.4:80", "::1%lo", "*"]],
    ["httpPort", PORT, [0, -1, 65_536, 80.5, "many", null]],
    ["httpsPort", PORT, [0, 65_536]],
    ["verifyClient", "one of on, optional, optional_no_ca, off", [true, "yes", ""]],
    ["http2", "true or false", ["on", 1, null]],
    [
      "upstreams",
      `a map of paths (${SITE_PATH_ALLOWED}) to urls like http://app:3000`,
      [
        [],
        ["/app"],
        "http://app",
        null,
        { "/app": 3000 },
        { "/app": null },
        { app: "http://app" },
        { "/errors": "http://app" },
      ],
    ],
    [
      "networks",
      "a list, none twice, each a network's name, of letters, digits and _.-",
      ["net", [""], ["-a"], ["a b"], ["a", "a"], [1], null],
    ],
    ["tlsPolicy", "one of modern, intermediate, seed", ["old", ""]],
  ])("of %s gets one sentence: it must be %s", (key, allowed, values) => {
    for (const value of values) {
      expect(refusalOf(() => checkConfig({ ...defaults, [key]: value }))).toBe(
        `configuration key '${key}' must be ${allowed}, got ${JSON.stringify(value)}`,
      );
    }
  });

  it.each([
    [
      { intermediateValidityHours: 87_600 },
      "configuration key 'intermediateValidityHours' must be less than 'rootValidityHours' (87600), got 87600",
    ],
    [
      { serverValidityHours: 43_800 },
      "configuration key 'serverValidityHours' must be less than 'intermediateValidityHours' (43800), got 43800",
    ],
    [
      { clientValidityHours: 50_000 },
      "configuration key 'clientValidityHours' must be less than 'intermediateValidityHours' (43800), got 50000",
    ],
    [
      { revoked: { carol: "superseded" } },
      "configuration key 'revoked' has 'carol', which is nobody's name: there are intermediate, server, alice, bob",
    ],
    [
      { revoked: { alice: "superseded", root: "cACompromise" } },
      "configuration key 'revoked' has 'root', which is nobody's name: there are intermediate, server, alice, bob",
    ],
    ...["4A0B", "4a0102030405060708090a0b0c0d0e0f", "004A010203040506070809", "FF".repeat(21), "4A:01", "4A0"].map(
      (serial): [Partial<LabConfig>, string] => [
        { revoked: { [serial]: "superseded" } },
        `configuration key 'revoked' has '${serial}', which is nobody's name: there are intermediate, server, alice, bob`,
      ],
    ),
    [
      { renewed: { "4A0102030405060708090A0B0C0D0E0F": "2026-01-31T12:00:00Z" } },
      "configuration key 'renewed' has '4A0102030405060708090A0B0C0D0E0F', which is nobody's name: " +
        "there are root, intermediate, server, alice, bob",
    ],
    [
      { clients: ["carol"], renewed: { alice: "2026-01-31T12:00:00Z" } },
      "configuration key 'renewed' has 'alice', which is nobody's name: there are root, intermediate, server, carol",
    ],
    ...["root", "intermediate", "server"].map((name): [Partial<LabConfig>, string] => [
      { clients: ["alice", name] },
      `configuration key 'clients' has '${name}', which is the name of the lab's own: choose another`,
    ]),
    [
      { clients: ["alice", "bob.lab.test"] },
      "configuration key 'clients' has 'bob.lab.test', which OpenSSL takes for a DNS name outside lab.localhost: " +
        "choose one without dots, or set nameConstraints to false",
    ],
    [
      { fleet: ["carol", "server"] },
      "configuration key 'fleet' has 'server', which is the name of the lab's own: choose another",
    ],
    [
      { fleet: ["carol", "Bob"] },
      "configuration key 'fleet' has 'Bob', which is in 'clients' already: remove one of the two",
    ],
    [
      { fleet: ["carol.lab.test"] },
      "configuration key 'fleet' has 'carol.lab.test', which OpenSSL takes for a DNS name outside lab.localhost: " +
        "choose one without dots, or set nameConstraints to false",
    ],
    [
      { fleet: Array.from({ length: 1000 }, (_, index) => `c${index}`), renewed: { carol: "2026-01-31T12:00:00Z" } },
      "configuration key 'renewed' has 'carol', which is nobody's name: there are root, intermediate, server, alice, bob, " +
        "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14 and 985 more",
    ],
    [
      { rootKeyFile: "ca/root.key" },
      "configuration key 'rootKeyFile' is set without 'rootCertFile': set both, or neither",
    ],
    [{ issuingRoot: 2 }, "configuration key 'issuingRoot' must be one of 'trustedRoots' (1), got 2"],
    [{ trustedRoots: [2, 3] }, "configuration key 'issuingRoot' must be one of 'trustedRoots' (2, 3), got 1"],
    [
      { trustedRoots: [2], issuingRoot: 2, rootCertFile: "root.crt" },
      "configuration key 'rootCertFile' is root 1, and 'trustedRoots' has only 2: leave it empty",
    ],
    [
      { trustedRoots: [1, 2], organization: "a".repeat(46) },
      "configuration key 'organization' must have at most 45 characters beside a root with a number, got 46",
    ],
    [
      { renewed: { "root-2": "2026-01-01T00:00:00Z" } },
      "configuration key 'renewed' has 'root-2', which is nobody's name: there are root, intermediate, server, alice, bob",
    ],
    [
      { rootCertFile: "root.crt", renewed: { root: "2026-01-01T00:00:00Z" } },
      "configuration key 'renewed' has 'root', which is nobody's name: there are intermediate, server, alice, bob",
    ],
    [
      { trustedRoots: [1, 2], revoked: { "root-2": "superseded" } },
      "configuration key 'revoked' has 'root-2', which is nobody's name: there are intermediate, intermediate-2, server, " +
        "alice, bob",
    ],
    [
      { clients: ["intermediate-7"] },
      "configuration key 'clients' has 'intermediate-7', which is the name of the lab's own: choose another",
    ],
    [
      { groups: { bob: ["alice"] } },
      "configuration key 'groups' has 'bob', which is the name of a client: choose another",
    ],
    [
      { groups: { ops: ["alice", "mallory"] }, fleet: ["carol"] },
      "configuration key 'groups' has 'mallory' at 'ops', which is no client: there are alice, bob, carol",
    ],
    [
      { groups: { ops: ["alice"], all: ["ops"] } },
      "configuration key 'groups' has 'ops' at 'all', which is no client: there are alice, bob",
    ],
    [
      { groups: { ops: ["alice"] }, access: { "/a": ["ops"], "/b": ["bob", "constructor"] } },
      "configuration key 'access' has 'constructor' at '/b', which is neither a group nor a client: there are ops, alice, bob",
    ],
    [
      { access: { "/a": ["alice"], "/a/": ["bob"] } },
      "configuration key 'access' has '/a/', which is there already without or with a slash: remove one",
    ],
    [
      { access: { "/a": [] }, verifyClient: "off" as const },
      "configuration key 'access' lets nobody in with verifyClient off, where nobody is asked: set verifyClient to on or optional",
    ],
    [
      { upstreams: { "/whoami/": "http://192.0.2.1" } },
      "configuration key 'upstreams' has '/whoami/', which is the site's own: choose another path",
    ],
    [
      { upstreams: { "/app": "http://192.0.2.1", "/app/": "http://192.0.2.1" } },
      "configuration key 'upstreams' has '/app/', which is there already without or with a slash: remove one",
    ],
    [
      { upstreams: { "/app": "https://192.0.2.1" } },
      "configuration key 'upstreams' has '/app' with https, for which a CA must be named: take http, or a program " +
        "(see docs/upstreams.md)",
    ],
    [
      { upstreams: { "/app": "192.0.2.1" } },
      "configuration key 'upstreams[\"/app\"]' must be http://HOST:PORT or https://HOST:PORT, HOST in small letters, with a path of " +
        'letters, digits and ._-/ or without one, got "192.0.2.1"',
    ],
    [
      { upstreams: { "/app": "http://localhost:3000" } },
      "configuration key 'upstreams[\"/app\"]' names localhost, which is nginx's own container: call the machine that it runs on " +
        "host.docker.internal",
    ],
    [
      { upstreams: { "/app": "http://app:3000" } },
      "configuration key 'networks' is empty, and Docker's default network knows no app: name the network of the service, or take " +
        "an address or host.docker.internal in http://app:3000",
    ],
    [{ httpPort: 8443 }, "configuration keys 'httpPort' and 'httpsPort' are both 8443: choose two ports"],
    [
      { replicas: 3 },
      "configuration key 'replicas' is for a swarm, and 'target' is container: leave it out, or set target to swarm",
    ],
    [
      { publishMode: "host" as const },
      "configuration key 'publishMode' is for a swarm, and 'target' is container: leave it out, or set target to swarm",
    ],
    [
      { target: "swarm" as const, delivery: "upload" as const },
      "configuration key 'delivery' is for a container, and 'target' is swarm: leave it out",
    ],
    [
      { target: "swarm" as const },
      "configuration key 'bindAddress' must be 0.0.0.0 with target swarm, which publishes on every address of a node, got 127.0.0.1",
    ],
  ])("beside another gets one sentence: %j", (values, sentence) => {
    expect(refusalOf(() => checkConfig({ ...defaults, ...values }))).toBe(sentence);
  });

  it.each(["nosuch", "Domain", "constructor", "__proto__"])(
    "of the unknown key %s names those that are known",
    (key) => {
      const values = Object.fromEntries([...Object.entries(defaults), [key, "x"]]) as Record<string, unknown>;

      expect(refusalOf(() => checkConfig(values))).toMatch(
        new RegExp(
          `^configuration key '${key}' is unknown: Pulumi.yaml has domain, ipAddresses, .*, http2, upstreams, networks$`,
        ),
      );
    },
  );

  it("is not what is left out: every key has a default", () => {
    expect(refusalOf(() => checkConfig({}))).toBe(`configuration key 'domain' must be ${DOMAIN}, got undefined`);
  });
});

describe("the clients of a fleet", () => {
  it("can be renewed and revoked by their names", () => {
    const values = { fleet: ["carol"], renewed: { carol: "2026-01-31T12:00:00Z" }, revoked: { carol: "superseded" } };

    expect(refusalOf(() => checkConfig({ ...defaults, ...values }))).toBeUndefined();
  });
});

describe("a client's name with dots", () => {
  it.each<[string, Partial<LabConfig>]>([
    ["below the site's domain", { clients: ["bob.lab.localhost", "lab.localhost"] }],
    ["where the root is not constrained", { clients: ["bob.lab.test"], nameConstraints: false }],
    ["that is a mailbox", { clients: ["bob@lab.test"] }],
    ["that no host can have", { clients: ["bob..lab.test", "bob.-lab"] }],
  ])("is accepted %s", (_, values) => {
    expect(refusalOf(() => checkConfig({ ...defaults, ...values }))).toBeUndefined();
  });
});

describe("the root's constraints", () => {
  const config = (values: Partial<LabConfig>) => checkConfig({ ...defaults, domain: "lab.test", ...values });
  const names = { dnsNames: ["lab.test"], emailAddresses: ["lab.test"] };

  it.each<[Partial<LabConfig>, ReturnType<typeof rootConstraints>]>([
    [{}, { permitted: { ...names, ipRanges: ["127.0.0.1/32"] } }],
    [
      { ipAddresses: ["192.0.2.1", "2001:db8::1"] },
      { permitted: { ...names, ipRanges: ["192.0.2.1/32", "2001:db8::1/128"] } },
    ],
    [{ ipAddresses: [] }, { permitted: names, excluded: { ipRanges: ["0.0.0.0/0", "::/0"] } }],
    [{ nameConstraints: false }, undefined],
  ])("with %j are the site's own names and addresses, and no other", (values, constraints) => {
    expect(rootConstraints(config(values))).toEqual(constraints);
  });
});

describe("values as text", () => {
  const texts = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );

  it("are read as what they stand for", () => {
    expect(checkConfig(texts)).toEqual(defaults);
  });

  it.each([
    ["httpPort", "many", PORT, '"many"'],
    ["httpPort", "", PORT, '""'],
    ["httpPort", '"8080"', PORT, '"8080"'],
    ["protectRoot", "yes", "true or false", '"yes"'],
    ["nameConstraints", "yes", "true or false", '"yes"'],
    ["revoked", "alice", REASONS, '"alice"'],
    ["revoked", "[]", REASONS, "[]"],
    ["renewed", "{alice}", MOMENTS, '"{alice}"'],
    ["clients", "alice", CLIENTS, '"alice"'],
    ["clients", "[alice]", CLIENTS, '"[alice]"'],
    ["domain", "[1]", DOMAIN, '"[1]"'],
  ])("are refused as any others: %s %j", (key, text, allowed, got) => {
    expect(refusalOf(() => checkConfig({ ...texts, [key]: text }))).toBe(
      `configuration key '${key}' must be ${allowed}, got ${got}`,
    );
  });

  it("are not numbers where text is meant", () => {
    expect(checkConfig({ ...texts, organizationalUnit: "42" }).organizationalUnit).toBe("42");
  });
});
