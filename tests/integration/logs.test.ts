/** The verb `logs` on the container of a real nginx. What the lines mean: log-meanings.test.ts. */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { verifyErrors } from "../../components/verify-errors.ts";
import { Checkout, run } from "../checkout.ts";
import { request, sendRaw } from "../http-client.ts";
import { docker } from "../live-lab.ts";
import { type NginxContainer, startNginx, writeVersion } from "../nginx-container.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const checkout = new Checkout(`it-logs-${process.pid}`);
const container = `mtls-lab-${checkout.stack}-site`;
const folder = checkout.file("site"); // by which the verb knows that the container is of this checkout
let nginx: NginxContainer;
let ca: string;
let alice: Identity;

beforeAll(async () => {
  const { root, intermediate } = await authorities("Lab");
  const names = { dnsNames: DEV_VIEW.serverNames, ipAddresses: DEV_VIEW.ipAddresses };
  const subject = { commonName: "lab.localhost" };
  const server = await identity({ subject, extendedKeyUsages: ["serverAuth"], ...names }, intermediate);
  alice = await identity({ subject: { commonName: "alice" } }, intermediate);
  ca = root.certPem;
  writeVersion(join(folder, "v1"), { view: DEV_VIEW, server, clientCaPem: ca });
  nginx = await startNginx(folder, "v1", container);
  checkout.configure({});
});

afterAll(async () => {
  await nginx.remove();
  rmSync(checkout.root, { recursive: true });
});

/** Asks for a path and returns when Docker has both lines of the access log. */
async function ask(path: string, sent: Identity): Promise<void> {
  const tls = { ca, servername: "lab.localhost", identity: sent };
  await request({ port: nginx.httpsPort, host: "lab.localhost", path, tls });
  while ((await nginx.logs()).split(`"GET ${path} HTTP/1.1" `).length < 2) await sleep(20);
  while ((await nginx.logs()).split(`"request":"GET ${path} HTTP/1.1"`).length < 2) await sleep(20);
}

/** What the verb prints, by lines. */
async function printed(...args: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await checkout.lab("logs", ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

/** The verb as it is started by somebody who may interrupt it. */
class Started {
  output = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(program: string, args: string[]) {
    this.child = spawn(program, args, { cwd: checkout.root, stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  async hasPrinted(text: string): Promise<void> {
    while (!this.output.includes(text)) await sleep(20);
  }
}

const COMMAND = ["cli/bootstrap.mjs", "logs", "--stack", checkout.stack];

describe("logs", () => {
  it("shows each request once, and before it why it was refused", async () => {
    await ask("/shown?once", { ...alice, chainPem: alice.certPem });
    const lines = await printed();
    const first = lines.findIndex((line) => line.includes("/shown?once"));
    const { text, cause, cure } = verifyErrors().errors.find(({ code }) => code === 21)!;
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const address = expect.stringMatching(/^[\d.]+$/);
    const words = `client SSL certificate verify error: (21:${text}) while reading client request headers`;

    expect(lines.slice(first).map((line) => line.trim().split("  "))).toEqual([
      [time, "info", words, "GET /shown?once", address],
      [`cause: ${cause}`],
      ["cure:", cure],
      [time, "400", "GET /shown?once", `CN=alice (FAILED:${text})`, "TLSv1.3", address],
    ]);
  });

  it("has no colours in a pipe, and nothing that a client would write to a terminal", async () => {
    await sendRaw(nginx.httpPort, "GET /\x1b[31m HTTP/1.0\r\n\r\n");
    const lines = (await printed()).join("\n");
    expect(lines).toContain(String.raw`GET /\x{1b}[31m`);
    expect(lines).not.toContain("\x1b");
  });

  it("prints entries as lines of JSON, the last ones or those since a time", async () => {
    await ask("/last", alice);
    const [line, ...further] = await printed("--json", "--tail", "1");
    const entry = JSON.parse(line!) as { time: string };
    expect(further).toEqual([]);
    expect(entry).toMatchObject({ log: "access", request: "GET /last HTTP/1.1", status: 404, subject: "CN=alice" });

    expect(await printed("--json", "--tail", "0")).toEqual([""]);
    expect(await printed("--json", "--since", `${entry.time.slice(0, 23)}Z`, "--tail", "5")).toContain(line);
    expect(await printed("--json", "--since", "1h", "--tail", "1")).toEqual([line]);
    for (let turn = 0; turn < 9; turn++) await ask(`/closed-${turn}`, alice); // three lines of the log each
    expect(await printed("--tail", "9")).toEqual(
      Array.from({ length: 9 }, (_, turn) => expect.stringContaining(`GET /closed-${turn} `)),
    );
    expect(await printed("--since", "2100-01-01T00:00:00Z")).toEqual([""]);
  });

  it("puts a line together that Docker has split", async () => {
    const quotes = '"'.repeat(8100); // each is two characters in JSON
    await sendRaw(nginx.httpPort, `GET /${quotes} HTTP/1.0\r\n\r\n`);
    const [line] = await printed("--json", "--tail", "1");
    expect(JSON.parse(line!)).toMatchObject({ log: "access", request: `GET /${quotes} HTTP/1.0` });
    expect(line!.length).toBeGreaterThan(16 * 1024);
  });

  it("ends without a complaint where its reader has seen enough", async () => {
    const { stdout, stderr } = await run(
      "sh",
      ["-c", `${process.execPath} ${COMMAND.join(" ")} | head -n 1`],
      checkout.root,
    );
    expect({ lines: stdout.trim().split("\n").length, stderr }).toEqual({ lines: 1, stderr: "" });
  });

  it("follows until it is interrupted", async () => {
    await ask("/before", alice);
    const verb = new Started(process.execPath, [...COMMAND, "--follow", "--tail", "1"]);
    await verb.hasPrinted("GET /before");
    await ask("/after", alice);
    await verb.hasPrinted("GET /after");
    verb.child.kill("SIGINT");

    expect(await verb.ended).toBe(0);
    expect(verb.output.match(/GET \/\w+/g)).toEqual(["GET /before", "GET /after"]);
  });

  it("follows without what was before", async () => {
    const verb = new Started(process.execPath, [...COMMAND, "-f", "--tail", "0"]);
    for (let turn = 0; verb.output === ""; turn++) await ask(`/turn-${turn}`, alice);
    verb.child.kill("SIGINT");

    expect(await verb.ended).toBe(0);
    expect(verb.output).not.toContain("/after");
  });

  it("has colours and whole words on a terminal, where Ctrl-C ends it", async () => {
    await ask("/terminal", { ...alice, chainPem: alice.certPem });
    const inTerminal = `stty cols 60; exec ${process.execPath} ${COMMAND.join(" ")} -f --tail 2`;
    const verb = new Started("script", ["-qefc", inTerminal, "/dev/null"]);
    await verb.hasPrinted("\x1b[33m400\x1b[39m");
    verb.child.stdin!.write("\x03");

    expect(await verb.ended).toBe(0);
    const advice = verb.output.split("\r\n").filter((line) => /^( {4}| {11}|\x1b\[36m)\S* *\w/.test(line));
    expect(Math.max(...advice.map((line) => line.replace(/\x1b\[\d+m/g, "").length))).toBeLessThanOrEqual(60);
    expect(advice.length).toBeGreaterThan(4);
  });

  it.each<[string, string[], string]>([
    ["tail", ["--tail", "-1"], "--tail must be a whole number like 20, got -1\n"],
    [
      "time",
      ["--since", "yesterday"],
      "--since must be a time ago like 10m (s, m, h, d) or a moment like 2030-01-31T00:00:00Z, got yesterday\n",
    ],
  ])("gets one sentence and exit code 2 for a wrong %s", async (_, args, stderr) => {
    expect(await checkout.lab("logs", ...args)).toEqual({ status: 2, stdout: "", stderr });
  });

  it.each([
    [
      "{}",
      (stack: string) => `stack ${stack} has no container, and so no log: npm run up -- --stack ${stack} makes it\n`,
    ],
    [
      '{ "mtls-lab:deploy": none }',
      (stack: string) => `stack ${stack} has no container, and so no log: Pulumi.${stack}.yaml says deploy: none\n`,
    ],
  ])("says in one sentence that a stack with config %s has no log", async (config, sentence) => {
    const stack = `it-no-log-${process.pid}`;
    writeFileSync(join(checkout.root, `Pulumi.${stack}.yaml`), `config: ${config}`);
    const answer = await run(process.execPath, ["cli/bootstrap.mjs", "logs", "--stack", stack], checkout.root);
    expect(answer).toEqual({ status: 1, stdout: "", stderr: sentence(stack) });
  });

  it("says in one sentence that no daemon answers", async () => {
    const env = { ...process.env, DOCKER_HOST: "unix:///nowhere.sock" };
    expect(await run(process.execPath, COMMAND, checkout.root, env)).toEqual({
      status: 1,
      stdout: "",
      stderr: "no Docker daemon answers at unix:///nowhere.sock: npm run doctor says what mends it\n",
    });
  });

  it("still shows what a container has written that has ended, and that it has", async () => {
    docker("stop", container);
    const { status, stdout, stderr } = await checkout.lab("logs", "--follow");
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `The container ${container} is exited: npm run up mends it.\nThe container has ended.\n`,
    });
    expect(stdout).toMatch(/notice {2}exit\n/);
  });
});
