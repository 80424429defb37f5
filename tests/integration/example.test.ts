/** Somebody else's program: the packed package, installed outside the repository, deployed by the real engine. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { setUp } from "../../toolchain/set-up.ts";
import { freePorts, run } from "../checkout.ts";
import { request } from "../http-client.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const SOURCES = resolve(import.meta.dirname, "../..");
const EXAMPLE = "examples/one-site";

// The example names the package by its place beside examples/, as in a checkout.
const folder = mkdtempSync(join(tmpdir(), "mtls-lab-example-"));
const program = join(folder, EXAMPLE);
const state = join(folder, "state");
const stack = `test${process.pid}`;
const container = `mtls-example-${stack}-site`;

let env: NodeJS.ProcessEnv;
let port: number;
let outputs: { url: string; rootCertPem: string; serialNumber: string };

beforeAll(async () => {
  const tools = await setUp({ docker: true, image: "nginx:stable" });
  const backend = { PULUMI_BACKEND_URL: pathToFileURL(state).href, PULUMI_CONFIG_PASSPHRASE: "of this test" };
  env = { ...tools.env, ...backend };
  mkdirSync(state);
  for (const file of ["index.ts", "package.json", "Pulumi.yaml"]) {
    cpSync(join(SOURCES, EXAMPLE, file), join(program, file));
  }
  await succeed("npm", ["pack", "--pack-destination", folder], SOURCES);
  // None of its packages needs its script.
  await succeed("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]);

  const [httpPort, httpsPort] = await freePorts(2);
  port = httpsPort!;
  await pulumi("stack", "init");
  await pulumi("config", "set", "httpPort", `${httpPort}`);
  await pulumi("config", "set", "httpsPort", `${httpsPort}`);
  await pulumi("up", "--yes", "--skip-preview");
  outputs = JSON.parse(await pulumi("stack", "output", "--json")) as typeof outputs;
});

afterAll(async () => {
  try {
    if (existsSync(join(state, ".pulumi"))) await pulumi("destroy", "--yes", "--skip-preview");
  } finally {
    await run("docker", ["rm", "--force", container]);
    rmSync(folder, { recursive: true });
  }
});

it("brings no Node.js of its own, which would stand before the program's", () => {
  expect(existsSync(join(program, "node_modules/mtls-lab/package.json"))).toBe(true);
  expect(existsSync(join(program, "node_modules/.bin/node"))).toBe(false);
});

it("lets the client in and knows who it is", async () => {
  const { status, body } = await request({ ...site(), path: "/whoami", tls: { ...trust(), identity: alice() } });

  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ verify: "SUCCESS", subject: "CN=alice", serial: outputs.serialNumber });
});

it("refuses who has no certificate", async () => {
  const { status, body } = await request({ ...site(), tls: trust() });

  expect(status).toBe(400);
  expect(body).toContain("No required SSL certificate was sent");
});

it("sees nothing to do in a second update", async () => {
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
});

it("leaves no container and no file behind when it is destroyed", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");

  expect(await succeed("docker", ["ps", "--all", "--quiet", "--filter", `name=${container}`])).toBe("");
  expect(existsSync(join(program, "out/alice"))).toBe(false);
  expect(existsSync(join(program, "out/site"))).toBe(false);
});

function site() {
  return { port, host: `shop.localhost:${port}` };
}

function trust() {
  return { ca: outputs.rootCertPem, servername: "shop.localhost" };
}

function alice() {
  const read = (name: string) => readFileSync(join(program, "out/alice", name), "utf8");
  return { certPem: read("client.crt"), chainPem: read("chain.crt"), privateKeyPem: read("client.key") };
}

function pulumi(...args: string[]): Promise<string> {
  return succeed("pulumi", [...args, "--stack", stack, "--non-interactive"]);
}

/** Runs a program, in the example's folder unless told otherwise, and returns what it printed. */
async function succeed(command: string, args: string[], cwd = program): Promise<string> {
  const { status, stdout, stderr } = await run(command, args, cwd, env);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
