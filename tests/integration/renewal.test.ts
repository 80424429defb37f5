/** Certificates that live for minutes, and ones that are out of date on purpose, in a program of its own on the real engine. */
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { setUp } from "../../toolchain/set-up.ts";
import { run } from "../checkout.ts";
import { verifyStrictly } from "../openssl.ts";

jest.setTimeout(2 ** 31 - 1); // a certificate must come near its end

const SOURCES = resolve(import.meta.dirname, "../..");
const program = mkdtempSync(join(tmpdir(), "mtls-lab-renewal-"));
const state = join(program, "state");
const stack = `test${process.pid}`;
const EARLY_MS = 90_000;

const INDEX = `
import { resolve } from "node:path";
import { ClientCert, RootCA } from ${JSON.stringify(pathToFileURL(join(SOURCES, "components/index.ts")).href)};

const root = new RootCA("root", { subject: { commonName: "Root" } });
const client = (name, args) =>
  new ClientCert(name, { issuer: root, subject: { commonName: name }, directory: resolve("out", name), ...args });

client("short", { notBefore: "+0s", validityPeriodHours: 2 / 60, earlyRenewalHours: ${EARLY_MS / 60_000} / 60 });
client("ended", { notBefore: "-400d", validityPeriodHours: 24 });
client("early", { notBefore: "+1h", validityPeriodHours: 24 });
client("fixed", { notBefore: "2020-01-01T00:00:00Z", validityPeriodHours: 24 });

export const rootPem = root.certPem;
`;
const UNCHANGING = ["ended", "early", "fixed"];
const NAMES = ["short", ...UNCHANGING];

let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const tools = await setUp({ docker: false });
  const backend = { PULUMI_BACKEND_URL: pathToFileURL(state).href, PULUMI_CONFIG_PASSPHRASE: "of this test" };
  env = { ...tools.env, ...backend };
  mkdirSync(state);
  symlinkSync(join(SOURCES, "node_modules"), join(program, "node_modules"));
  const project = {
    name: "renewal",
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.ts",
    plugins: { providers: [{ name: "mtls", path: join(SOURCES, "provider") }] },
  };
  const files = { "Pulumi.yaml": project, "package.json": { type: "module" } };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(program, name), JSON.stringify(content));
  writeFileSync(join(program, "index.ts"), INDEX);
  await pulumi("stack", "init");
  await up();
});

afterAll(async () => {
  try {
    if (existsSync(join(state, ".pulumi"))) await pulumi("destroy", "--yes", "--skip-preview");
  } finally {
    rmSync(program, { recursive: true });
  }
});

it("makes certificates that end soon, have ended, or are not yet valid, and OpenSSL agrees", async () => {
  const root = (JSON.parse(await pulumi("stack", "output", "--json")) as { rootPem: string }).rootPem;
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
  await up();
  const after = snapshot();
  expect(after.short!.serialNumber).not.toBe(before.short!.serialNumber);
  expect(after.short!.key).toBe(before.short!.key);
  expect(after.short!.publicKey).toBe(before.short!.publicKey);
  expect(Date.parse(after.short!.notAfter)).toBeGreaterThan(Date.parse(before.short!.notAfter));
  expect(UNCHANGING.map((name) => after[name])).toEqual(UNCHANGING.map((name) => before[name]));
});

it("leaves what is out of date on purpose as it is in a third update, too", async () => {
  const before = snapshot();
  await up();
  const after = snapshot();

  expect(UNCHANGING.map((name) => after[name])).toEqual(UNCHANGING.map((name) => before[name]));
  expect((await planned()).filter((step) => !step.includes("short"))).toEqual([]);
});

function up(): Promise<string> {
  return pulumi("up", "--yes", "--skip-preview");
}

/** The certificates and PKCS#12 files that a preview would make anew, as `Class name operation`. */
async function planned(): Promise<string[]> {
  const { steps } = JSON.parse(await pulumi("preview", "--json")) as { steps: { op: string; urn: string }[] };
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
  return readFileSync(join(program, "out", client, file), "utf8");
}

/** Runs the engine on the program's stack and returns what it printed. */
async function pulumi(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(
    "pulumi",
    [...args, "--stack", stack, "--non-interactive"],
    program,
    env,
  );
  if (status !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
