import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { checkConfig, ConfigError } from "../config.ts";

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
    const { config } = read(`Pulumi.${stack}.yaml`) as { config: Record<string, unknown> };
    const values = Object.entries(config).map(([key, value]) => [key.replace(/^mtls-lab:/, ""), value] as const);

    expect(refusalOf(() => checkConfig({ ...defaults, ...Object.fromEntries(values) }))).toBeUndefined();
  });
});

describe("a right value", () => {
  it.each<[string, unknown[]]>([
    ["domain", ["a.b", `${"a".repeat(57)}.test`, "xn--bcher-kva.test", "1.2.test"]],
    ["ipAddresses", [[], ["::1"], ["192.0.2.1", "2001:db8::1"]]],
    ["clients", [["a"], ["alice@lab.test", "a-b_c"], ["7"], ["a".repeat(64)]]],
    ["organization", ["A", "Müller & Söhne (Köln), 上海", "a".repeat(48)]],
    ["organizationalUnit", ["", "IT", "a".repeat(64)]],
    ["country", ["", "CN"]],
    ["pkcs12Profile", ["modern", "compat"]],
    ["rootValidityHours", [43_801, 876_000]],
    ["clientValidityHours", [1]],
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
const NAME = "at most 64 letters, digits, spaces and .,'&()_-";
const ORGANIZATION = "1 to 48 letters, digits, spaces and .,'&()_-";
const ROOTS = "a list of at least 1, none twice, each a whole number from 1 to 99";
const HOURS = "a whole number from 1 to 876000";
const PORT = "a whole number from 1 to 65535";

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
    ["clients", CLIENTS, [["alice", "alice"], ["alice", "ALICE"], ["a".repeat(65)], [7], [["a"]], "alice", null]],
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
    ["protectRoot", "true or false", ["yes", 1, null]],
    ["deploy", "one of docker, none", ["podman", "", true, null]],
    ["image", "an image name like nginx:stable or nginx@sha256:…", ["", "a b", "-x", "Nginx", "a;b", "a".repeat(256)]],
    ["bindAddress", ADDRESS, ["localhost", "", "1.2.3.4:80", "::1%lo", "*"]],
    ["httpPort", PORT, [0, -1, 65_536, 80.5, "many", null]],
    ["httpsPort", PORT, [0, 65_536]],
    ["verifyClient", "one of on, optional, optional_no_ca, off", [true, "yes", ""]],
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
    [{ httpPort: 8443 }, "configuration keys 'httpPort' and 'httpsPort' are both 8443: choose two ports"],
  ])("beside another gets one sentence: %j", (values, sentence) => {
    expect(refusalOf(() => checkConfig({ ...defaults, ...values }))).toBe(sentence);
  });

  it.each(["nosuch", "Domain", "constructor", "__proto__"])(
    "of the unknown key %s names those that are known",
    (key) => {
      const values = Object.fromEntries([...Object.entries(defaults), [key, "x"]]) as Record<string, unknown>;

      expect(refusalOf(() => checkConfig(values))).toMatch(
        new RegExp(`^configuration key '${key}' is unknown: Pulumi.yaml has domain, ipAddresses, .*, tlsPolicy$`),
      );
    },
  );

  it("is not what is left out: every key has a default", () => {
    expect(refusalOf(() => checkConfig({}))).toBe(`configuration key 'domain' must be ${DOMAIN}, got undefined`);
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
