/** Certificates that live for minutes, and ones that are out of date on purpose, in a program of its own on the real engine. */
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { ExampleProgram } from "../example-program.ts";
import { verifyStrictly } from "../openssl.ts";

jest.setTimeout(2 ** 31 - 1); // a certificate must come near its end

const EARLY_MS = 90_000;
const UNCHANGING = ["ended", "early", "fixed"];
const NAMES = ["short", ...UNCHANGING];

const program = new ExampleProgram(
  "renewal.ts",
  `
import { resolve } from "node:path";
import { ClientCert, RootCA } from "mtls-lab";

const root = new RootCA("root", { subject: { commonName: "Root" } });
const client = (name, args) =>
  new ClientCert(name, { issuer: root, subject: { commonName: name }, directory: resolve(name), ...args });

client("short", { notBefore: "+0s", validityPeriodHours: 2 / 60, earlyRenewalHours: ${EARLY_MS / 60_000} / 60 });
client("ended", { notBefore: "-400d", validityPeriodHours: 24 });
client("early", { notBefore: "+1h", validityPeriodHours: 24 });
client("fixed", { notBefore: "2020-01-01T00:00:00Z", validityPeriodHours: 24 });

export const rootPem = root.certPem;
`,
);
beforeAll(async () => {
  await program.open();
  await program.up();
});
afterAll(() => program.remove());

it("makes certificates that end soon, have ended, or are not yet valid, and OpenSSL agrees", async () => {
  const root = (JSON.parse(await program.succeed("stack", "output", "--json")) as { rootPem: string }).rootPem;
  const verdict = (name: string) => {
    try {
      return verifyStrictly(root, [read(name, "client.crt")], "-purpose", "sslclient").trim();
    } catch (error) {
      return /error \d+ at 0 depth lookup: (.+)/.exec((error as Error).message)![1];
    }
  };

  const { validFrom, validTo } = certificate("short");
  expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(120_000);
  expect(UNCHANGING.map((name) => [name, verdict(name)])).toEqual([
    ["ended", "certificate has expired"],
    ["early", "certificate is not yet valid"],
    ["fixed", "certificate has expired"],
  ]);
});

it("renews the one whose last part has begun, which a preview shows, with the same key; the others stay", async () => {
  const before = snapshot();
  const due = Date.parse(certificate("short").validTo) - EARLY_MS;
  await sleep(Math.max(0, due - Date.now()));

  expect(await planned()).toEqual(["Certificate short-cert replace"]);
  expect(snapshot()).toEqual(before);
  await program.up();
  const after = snapshot();
  expect(after.short!.serialNumber).not.toBe(before.short!.serialNumber);
  expect(after.short!.key).toBe(before.short!.key);
  expect(after.short!.publicKey).toBe(before.short!.publicKey);
  expect(Date.parse(after.short!.notAfter)).toBeGreaterThan(Date.parse(before.short!.notAfter));
  expect(UNCHANGING.map((name) => after[name])).toEqual(UNCHANGING.map((name) => before[name]));
});

it("leaves what is out of date on purpose as it is in a third update, too", async () => {
  const before = snapshot();
  await program.up();
  const after = snapshot();

  expect(UNCHANGING.map((name) => after[name])).toEqual(UNCHANGING.map((name) => before[name]));
  expect((await planned()).filter((step) => !step.includes("short"))).toEqual([]);
});

/** The certificates and PKCS#12 files that a preview would make anew, as `Class name operation`. */
async function planned(): Promise<string[]> {
  const { steps } = JSON.parse(await program.succeed("preview", "--json")) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => op === "replace")
    .map(({ op, urn }) => `${urn.split("::")[2]!.split(":").at(-1)} ${urn.split("::").at(-1)} ${op}`);
}

/** What each client's files say. */
function snapshot() {
  const facts = NAMES.map((name) => {
    const { serialNumber, publicKey, validTo: notAfter } = certificate(name);
    const spki = publicKey.export({ type: "spki", format: "pem" });
    return [name, { serialNumber, notAfter, publicKey: spki, key: read(name, "client.key") }] as const;
  });
  return Object.fromEntries(facts);
}

function certificate(name: string): X509Certificate {
  return new X509Certificate(read(name, "client.crt"));
}

function read(client: string, file: string): string {
  return program.read(`${client}/${file}`);
}
