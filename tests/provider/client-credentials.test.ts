import { chmodSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";

import { clientCredentials as fleet } from "../../provider/client-credentials.ts";
import type { FleetOutputs } from "../../provider/fleet/inputs.ts";
import type { Properties, Resource } from "../../provider/resource-type.ts";
import type { KeyAlgorithm } from "../../rules/key-algorithms.ts";
import { openssl, verifyStrictly, x509 } from "../openssl.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { fleetCa, type FleetCa } from "./fleet-ca.ts";
import { keyPair } from "./keys.ts";
import { modesIn } from "./modes.ts";
import { changed, created, UNKNOWN, updated } from "./resources.ts";

const HOUR_MS = 3_600_000;
const FILES = ["client.crt", "chain.crt", "client.key", "client.p12", "password"];
const NOTHING = { update: [], replace: [], add: [], remove: [] };
const CLIENTS = ["alice", "bob", "carol@lab.test"];

let ca: FleetCa;
let directory: string;
let inputs: Properties;
let resource: Resource;

beforeAll(async () => {
  ca = await fleetCa();
});

beforeEach(async () => {
  directory = join(temporaryFolder(), "clients");
  inputs = {
    clients: CLIENTS,
    subject: { organization: "Acme" },
    keyAlgorithm: "P-256",
    issuerCertPem: ca.certPem,
    issuerPrivateKeyPem: ca.key.privateKeyPem,
    chainPem: "",
    validityPeriodHours: 100,
    earlyRenewalHours: 10,
    directory,
  };
  resource = await created(fleet, inputs);
});

/** What an update with other values for some inputs, as the program gives them, would do. */
const plan = (values: Properties, from = resource) =>
  changed(fleet, { ...from, inputs: { ...from.inputs } }, { ...values });

/** The outputs of a resource. */
const outputsOf = ({ outputs }: Resource) => outputs as unknown as FleetOutputs;

/** Something of each client. */
function ofEach<T>(of: (name: string) => T): Record<string, T> {
  return Object.fromEntries(CLIENTS.map((name) => [name, of(name)]));
}

/** Identity, time of change and content of each file: another if it was touched in any way. */
function traces(...names: string[]): Record<string, string> {
  const paths = names.flatMap((name) => FILES.map((file) => join(name, file)));
  return Object.fromEntries(
    paths.map((path) => {
      const { ino, mtimeNs } = lstatSync(join(directory, path), { bigint: true });
      return [path, `${ino} ${mtimeNs} ${readFileSync(join(directory, path), "base64")}`];
    }),
  );
}

/** The state of a resource as if a client's certificate had been issued and would end so many ms from now. */
function aged(name: string, dates: { notAfter?: number; issuedAt?: number }): Resource {
  const { certificates, credentials } = outputsOf(resource);
  const iso = Object.fromEntries(
    Object.entries(dates).map(([key, ms]) => [key, new Date(Date.now() + ms).toISOString()]),
  );
  const certificate = { ...certificates[name]!, ...iso };
  return { ...resource, outputs: { certificates: { ...certificates, [name]: certificate }, credentials } };
}

describe("new clients", () => {
  it("have certificates of their own that OpenSSL takes for clients", () => {
    const { certificates } = outputsOf(resource);

    expect(Object.keys(certificates)).toEqual(CLIENTS);
    for (const [name, { certPem, serialNumber, fingerprintSha256 }] of Object.entries(certificates)) {
      expect(verifyStrictly(ca.certPem, [certPem], "-purpose", "sslclient")).toBe("leaf: OK\n");
      expect(x509(certPem, "-subject", "-serial", "-fingerprint", "-sha256", "-nameopt", "RFC2253")).toBe(
        `subject=CN=${name},O=Acme\nserial=${serialNumber}\nsha256 Fingerprint=${fingerprintSha256}\n`,
      );
    }
    expect(new Set(Object.values(certificates).map(({ serialNumber }) => serialNumber)).size).toBe(CLIENTS.length);
  });

  it.each<KeyAlgorithm>(["P-256", "P-384", "P-521", "RSA-2048", "Ed25519"])(
    "have a %s key, which is that of their certificate and of nobody else",
    async (keyAlgorithm) => {
      const made = outputsOf(await created(fleet, { ...inputs, keyAlgorithm, directory: undefined }));

      const publicKeys = ofEach((name) => openssl(["pkey", "-pubout"], made.credentials[name]!.privateKeyPem));
      expect(publicKeys).toEqual(ofEach((name) => x509(made.certificates[name]!.certPem, "-pubkey")));
      expect(new Set(Object.values(publicKeys)).size).toBe(CLIENTS.length);
    },
  );

  it("get their files, each in a directory of its own, that only their owner can read", () => {
    const client = (name: string) => ({
      [name]: "d0700",
      ...Object.fromEntries(FILES.map((file) => [`${name}/${file}`, file.endsWith("crt") ? "-0644" : "-0600"])),
    });
    expect(modesIn(directory)).toEqual({ ".": "d0700", ...client("alice"), ...client("bob"), ...client(CLIENTS[2]!) });
    const { certificates, credentials } = outputsOf(resource);
    expect(readFileSync(join(directory, "bob/client.crt"), "utf8")).toBe(certificates.bob!.certPem);
    expect(readFileSync(join(directory, "bob/client.key"), "utf8")).toBe(credentials.bob!.privateKeyPem);
    expect(readFileSync(join(directory, "bob/password"), "utf8")).toBe(credentials.bob!.password);
  });

  it("have a chain down from the root, in the file and in the PKCS#12", async () => {
    const chainPem = ca.certPem; // of a CA below another one it would be itself
    const { outputs } = await created(fleet, { ...inputs, chainPem });

    const { certPem } = (outputs as unknown as FleetOutputs).certificates.alice!;
    expect(readFileSync(join(directory, "alice/chain.crt"), "utf8")).toBe(certPem + chainPem);
    const file = join(directory, "alice/client.p12");
    const password = `file:${join(directory, "alice/password")}`;
    const opened = openssl(["pkcs12", "-in", file, "-passin", password, "-nokeys"]);
    expect(opened.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)).toEqual([certPem, chainPem]);
  });

  it("have PKCS#12 files in the profile that was chosen", async () => {
    await created(fleet, { ...inputs, pkcs12Profile: "compat" });

    const [file, password] = ["client.p12", "password"].map((name) => join(directory, "alice", name));
    expect(openssl(["asn1parse", "-inform", "DER", "-in", file!])).toMatch(/OBJECT +:sha1\n/); // of the MAC
    expect(() => openssl(["pkcs12", "-in", file!, "-passin", `file:${password!}`, "-noout"])).not.toThrow();
  });

  it("need no directory", async () => {
    const { outputs } = await created(fleet, { ...inputs, directory: undefined });

    expect(Object.keys(outputs.credentials as object)).toEqual(CLIENTS);
  });

  it("may be none at all", async () => {
    const { outputs } = await created(fleet, { ...inputs, clients: [] });

    expect(outputs).toEqual({ certificates: {}, credentials: {} });
  });

  it("are not made without the issuer's key, and no file is written", async () => {
    rmSync(directory, { recursive: true });
    await expect(created(fleet, { ...inputs, issuerPrivateKeyPem: undefined })).rejects.toThrow(
      "'alice' is to be signed, and its issuer's key is not here: bring it back for this update",
    );
    expect(() => lstatSync(directory)).toThrow("ENOENT");
  });
});

describe("an update of a fleet", () => {
  it.each<[string, () => Properties]>([
    ["nothing", () => ({})],
    ["the order of the clients", () => ({ clients: CLIENTS.toReversed() })],
    ["the way in which a client is given", () => ({ clients: [{ name: "bob" }, "alice", "carol@lab.test"] })],
    ["the order of the subject's parts", () => ({ subject: { organization: "Acme" } })],
  ])("does nothing when %s changes", async (_, values) => {
    expect(await plan(values())).toEqual(NOTHING);
  });

  it("names the clients that come and go, by the paths at which the engine finds them", async () => {
    expect(await plan({ clients: ["bob", "dave", "eve.lab.test"] })).toEqual({
      ...NOTHING,
      add: ["clients.dave", 'clients["eve.lab.test"]'],
      remove: ["clients.alice", 'clients["carol@lab.test"]'],
    });
  });

  it("makes what a new client needs, and touches nobody else's", async () => {
    const before = traces(...CLIENTS);
    const after = await updated(fleet, resource, { clients: [...CLIENTS, "dave"] });

    const { certificates, credentials } = outputsOf(after);
    expect(verifyStrictly(ca.certPem, [certificates.dave!.certPem])).toBe("leaf: OK\n");
    expect(traces(...CLIENTS)).toEqual(before);
    delete certificates.dave;
    delete credentials.dave;
    expect(after.outputs).toEqual(resource.outputs);
  });

  it("removes the files of a client that goes, and nobody else's", async () => {
    const before = traces("bob", "carol@lab.test");
    writeFileSync(join(directory, "alice/.client.key.tmp"), "<half a k", { mode: 0o600 });
    const after = await updated(fleet, resource, { clients: ["bob", "carol@lab.test"] });

    expect(Object.keys(modesIn(directory)).filter((path) => path.startsWith("alice"))).toEqual([]);
    expect(traces("bob", "carol@lab.test")).toEqual(before);
    expect(Object.keys(outputsOf(after).certificates)).toEqual(["bob", "carol@lab.test"]);
  });

  it("leaves what somebody else has put into the directory of a client that goes", async () => {
    writeFileSync(join(directory, "alice/notes.txt"), "mine", { mode: 0o640 });
    await updated(fleet, resource, { clients: ["bob"] });

    expect(modesIn(join(directory, "alice"))).toEqual({ ".": "d0700", "notes.txt": "-0640" });
  });

  it.each<[string, (file: (name: string) => string) => void]>([
    ["missing", (file) => rmSync(file("client.key"))],
    ["edited", (file) => writeFileSync(file("client.crt"), "rubbish")],
    ["open to others", (file) => chmodSync(file("password"), 0o644)],
    ["gone with all others", (file) => rmSync(file("."), { recursive: true })],
  ])("mends a file that is %s, with what was in it, and touches nobody else's", async (_, harm) => {
    const before = traces(...CLIENTS);
    const others = traces("alice", "carol@lab.test");
    harm((name) => join(directory, "bob", name));

    expect(await plan({})).toEqual({ ...NOTHING, update: ["clients.bob"] });
    const after = await updated(fleet, resource);
    expect(after.outputs).toEqual(resource.outputs);
    expect(traces("alice", "carol@lab.test")).toEqual(others);
    const content = (trace: string) => trace.split(" ")[2];
    expect(Object.values(traces(...CLIENTS)).map(content)).toEqual(Object.values(before).map(content));
    expect(await plan({}, after)).toEqual(NOTHING);
  });

  it("does not look for files where none are wanted", async () => {
    const without = await created(fleet, { ...inputs, directory: undefined });

    expect(await plan({}, without)).toEqual(NOTHING);
  });

  it("moves to another directory", async () => {
    const moved = `${directory}2`;
    expect(await plan({ directory: moved })).toEqual({ ...NOTHING, update: ["directory"] });
    const after = await updated(fleet, resource, { directory: moved });

    expect(after.outputs).toEqual(resource.outputs);
    expect(Object.keys(modesIn(moved))).toHaveLength(1 + CLIENTS.length * (1 + FILES.length));
    expect(() => lstatSync(directory)).toThrow("ENOENT");
  });

  it("is an update of the whole list while a client is not known", async () => {
    expect(await plan({ clients: ["alice", UNKNOWN] })).toEqual({ update: ["clients"], replace: [] });
    expect(await plan({ clients: UNKNOWN })).toEqual({ update: ["clients"], replace: [] });
  });
});

describe("the renewal of a client", () => {
  it.each<[string, number, string[]]>([
    ["nothing while its last 10 hours are to come", 10 * HOUR_MS + 60_000, []],
    ["its renewal in its last 10 hours", 10 * HOUR_MS - 60_000, ["clients.bob"]],
    ["its renewal after its end", -1, ["clients.bob"]],
  ])("is planned by itself: %s", async (_, notAfter, update) => {
    expect(await plan({}, aged("bob", { notAfter }))).toEqual({ ...NOTHING, update });
  });

  it("is planned when it is asked for, of one or of all, and not twice", async () => {
    // The second in which the first was issued: all but bob count as issued for it, however long ago that is.
    const [first = ""] = Object.values(outputsOf(resource).certificates)
      .map(({ issuedAt }) => issuedAt)
      .sort();
    const renewedAt = `${first.slice(0, 19)}Z`;
    const old = aged("bob", { issuedAt: -HOUR_MS });
    const clients = ["alice", { name: "bob", renewedAt }, "carol@lab.test"];

    expect(await plan({ clients }, old)).toEqual({ ...NOTHING, update: ["clients.bob"] });
    expect(await plan({ renewedAt }, old)).toEqual({ ...NOTHING, update: ["renewedAt", "clients.bob"] });
    const renewed = await updated(fleet, old, { clients });
    expect(await plan({ clients }, renewed)).toEqual(NOTHING);
  });

  it("keeps its key and its password, and touches nobody else", async () => {
    const others = traces("alice", "carol@lab.test");
    const kept = ["bob/client.key", "bob/password"];
    const before = traces("bob");
    const after = await updated(fleet, aged("bob", { notAfter: -1 }));

    const [{ certificates: olds, credentials: oldSecrets }, { certificates, credentials }] = [resource, after].map(
      outputsOf,
    ) as [FleetOutputs, FleetOutputs];
    expect(certificates.bob!.serialNumber).not.toBe(olds.bob!.serialNumber);
    expect(x509(certificates.bob!.certPem, "-pubkey")).toBe(x509(olds.bob!.certPem, "-pubkey"));
    expect(credentials.bob).toEqual({
      ...oldSecrets.bob,
      pkcs12Base64: expect.not.stringContaining(oldSecrets.bob!.pkcs12Base64),
    });
    expect([certificates.alice, credentials.alice]).toEqual([olds.alice, oldSecrets.alice]);
    expect(traces("alice", "carol@lab.test")).toEqual(others);
    expect(
      Object.entries(traces("bob"))
        .filter(([path, trace]) => before[path] === trace)
        .map(([path]) => path),
    ).toEqual(kept);
    expect(await plan({}, after)).toEqual(NOTHING);
  });

  it("is refused without the issuer's key, and the others stay", async () => {
    const before = traces(...CLIENTS);
    const old = aged("bob", { notAfter: -1 });

    await expect(updated(fleet, old, { issuerPrivateKeyPem: undefined })).rejects.toThrow(
      "'bob' is to be signed, and its issuer's key is not here",
    );
    expect(traces(...CLIENTS)).toEqual(before);
  });
});

describe("a change of what all clients have", () => {
  /** What an update makes of each client: which parts are others than before. */
  async function changes(values: Properties) {
    const { certificates: olds, credentials: oldSecrets } = outputsOf(resource);
    const { certificates, credentials } = outputsOf(await updated(fleet, resource, values));
    const parts = (name: string) => ({
      certificate: certificates[name]!.certPem !== olds[name]!.certPem,
      key: credentials[name]!.privateKeyPem !== oldSecrets[name]!.privateKeyPem,
      pkcs12: credentials[name]!.pkcs12Base64 !== oldSecrets[name]!.pkcs12Base64,
      password: credentials[name]!.password !== oldSecrets[name]!.password,
    });
    return ofEach((name) => Object.entries(parts(name)).flatMap(([part, isOther]) => (isOther ? [part] : [])));
  }

  it.each<[string, () => Properties | Promise<Properties>, string[]]>([
    ["subject", () => ({ subject: { organization: "Other" } }), ["certificate", "pkcs12"]],
    ["validityPeriodHours", () => ({ validityPeriodHours: 200 }), ["certificate", "pkcs12"]],
    ["notBefore", () => ({ notBefore: "-1h" }), ["certificate", "pkcs12"]],
    ["crlDistributionPoints", () => ({ crlDistributionPoints: ["http://lab.test/ca.crl"] }), ["certificate", "pkcs12"]],
    ["keyAlgorithm", () => ({ keyAlgorithm: "P-384" }), ["certificate", "key", "pkcs12"]],
    ["chainPem", () => ({ chainPem: ca.certPem }), ["pkcs12"]],
    ["pkcs12Profile", () => ({ pkcs12Profile: "compat" }), ["pkcs12"]],
    ["earlyRenewalHours", () => ({ earlyRenewalHours: 11 }), []],
    ["issuerPrivateKeyPem", () => ({ issuerPrivateKeyPem: undefined }), []],
  ])("of %s is made in place, with what must be new and nothing else", async (property, values, parts) => {
    const given = await values();
    expect(await plan(given)).toEqual({ ...NOTHING, update: [property] });
    expect(await changes(given)).toEqual(ofEach(() => parts));
  });

  it.each<[string, () => Promise<FleetCa>, string[]]>([
    ["that renewed its certificate leaves the clients as they are", () => fleetCa({ key: ca.key, hours: 20_000 }), []],
    [
      "of another name issues all of them anew",
      () => fleetCa({ key: ca.key, commonName: "Other" }),
      ["certificate", "pkcs12"],
    ],
    ["with another key issues all of them anew", () => fleetCa({ key: keyPair() }), ["certificate", "pkcs12"]],
  ])("of the issuer to one %s", async (_, issuer, parts) => {
    const { certPem, key } = await issuer();
    const values = { issuerCertPem: certPem, issuerPrivateKeyPem: key.privateKeyPem };

    expect((await plan(values)).update).toContain("issuerCertPem");
    expect(await changes(values)).toEqual(ofEach(() => parts));
  });
});

describe("a preview", () => {
  const foreseen = async (values: Properties, from = resource) => {
    const { inputs: news } = await fleet.check({ ...from.inputs, ...values });
    return fleet.previewUpdate!(from, news) as Promise<Properties>;
  };

  it("knows all of the clients that stay, and nothing of a new one", async () => {
    const { certificates, credentials } = outputsOf(resource);

    expect(await foreseen({ clients: ["alice", "dave"] })).toEqual({
      certificates: { alice: certificates.alice, dave: UNKNOWN },
      credentials: { alice: credentials.alice, dave: UNKNOWN },
    });
  });

  it("knows the key and the password of a client that is renewed", async () => {
    const { credentials } = outputsOf(resource);
    const { certificates: foreseenCertificates, credentials: secrets } = (await foreseen(
      {},
      aged("bob", { notAfter: -1 }),
    )) as unknown as FleetOutputs;

    expect(foreseenCertificates.bob).toBe(UNKNOWN);
    expect(secrets.bob).toEqual({ ...credentials.bob, pkcs12Base64: UNKNOWN });
    expect(secrets.alice).toEqual(credentials.alice);
  });

  it("knows nothing while the clients are not known", async () => {
    expect(await foreseen({ clients: UNKNOWN })).toEqual({});
  });
});

describe("an update that failed half-way", () => {
  it("is mended by the next one, which starts from the same state", async () => {
    const values = { clients: [...CLIENTS, "dave"], subject: { organization: "Other" } };
    await updated(fleet, resource, values); // its outputs are lost: the engine was killed
    const after = await updated(fleet, resource, values);

    for (const name of [...CLIENTS, "dave"]) {
      const { certPem } = outputsOf(after).certificates[name]!;
      expect(readFileSync(join(directory, name, "client.crt"), "utf8")).toBe(certPem);
      expect(x509(certPem, "-pubkey")).toBe(openssl(["pkey", "-pubout", "-in", join(directory, name, "client.key")]));
    }
    expect(await plan(values, after)).toEqual(NOTHING);
  });
});

describe("the end of a fleet", () => {
  it("removes its files and its directory, once and again", async () => {
    await fleet.delete!(resource);
    expect(modesIn(join(directory, ".."))).toEqual({ ".": "d0700" });

    await fleet.delete!(resource);
  });

  it("leaves the clients that are not of it", async () => {
    const other = await created(fleet, { ...inputs, clients: ["zoe"] });
    await fleet.delete!(resource);

    expect(Object.keys(modesIn(directory))).toEqual([".", "zoe", ...FILES.toSorted().map((file) => `zoe/${file}`)]);
    await fleet.delete!(other);
  });
});
