import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { inspectNetwork } from "../../toolchain/host-network.ts";
import { bootId, identify, stillRuns } from "../../toolchain/process-identity.ts";
import { readStarted, writeStarted } from "../../toolchain/started.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { script } from "./script.ts";

// A stand-in for dockerd: what is shown here is how a daemon is started, recorded, found again and stopped. That the
// real one leaves nothing behind on the machine is shown by tests/integration/dockerd.test.ts.
const FAKE_DOCKERD = `
import { createServer } from "node:http";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
const [, , ...args] = process.argv;
const option = (name) => args[args.indexOf(name) + 1];
const socket = option("--host").replace("unix://", "");
if (args.includes("--broken")) {
  console.error('time="now" level=info msg="Starting up"');
  console.error('failed to start daemon: no such bridge');
  process.exit(1);
}
writeFileSync(option("--pidfile"), String(process.pid));
mkdirSync(option("--data-root"), { recursive: true });
createServer((_, response) => response.end("OK")).listen(socket);
process.on("SIGTERM", () => { rmSync(socket); process.exit(0); });
`;

let folder: string;
let dockerd: typeof import("../../toolchain/dockerd.ts");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mtls-lab-dockerd-"));
  writeFileSync(join(folder, "dockerd.mjs"), FAKE_DOCKERD);
  script(join(folder, "dockerd"), `exec "${process.execPath}" "${join(folder, "dockerd.mjs")}" "$@"`);
  process.env.PATH = `${folder}:${process.env.PATH}`;
  dockerd = await import("../../toolchain/dockerd.ts");
});

afterAll(() => rmSync(folder, { recursive: true }));

function place() {
  const folder = temporaryFolder();
  return { cache: join(folder, "cache"), socket: join(folder, "docker.sock") };
}

describe("startDockerd", () => {
  it("records the process that it started, and finds it again instead of starting another", async () => {
    const { cache, socket } = place();
    await dockerd.startDockerd({ cache, socket }, () => {});
    const { process: first } = readStarted(cache).dockerd!;
    await dockerd.startDockerd({ cache, socket }, () => {});

    expect(readStarted(cache).dockerd).toEqual({
      process: first,
      bootId: bootId(),
      socket,
      network: inspectNetwork(),
      files: expect.arrayContaining([socket]),
    });
    expect(dockerd.runningDockerd(cache)).toBe(first!.pid);
    await dockerd.stopDockerd(cache);
  });

  it("tells the last line of the daemon's log where that ends at once", async () => {
    const { cache, socket } = place();

    await expect(dockerd.startDockerd({ cache, socket, flags: ["--broken"] }, () => {})).rejects.toThrow(
      "dockerd ended: failed to start daemon: no such bridge",
    );
    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe("stopDockerd", () => {
  it("ends the daemon, removes what is its, and does nothing the second time", async () => {
    const { cache, socket } = place();
    await dockerd.startDockerd({ cache, socket }, () => {});
    const { process: started } = readStarted(cache).dockerd!;

    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(stillRuns(started!)).toBe(false);
    expect(existsSync(socket)).toBe(false);
    expect(readdirSync(cache)).toEqual([]);
    expect(await dockerd.stopDockerd(cache)).toBe(false);
  });

  it.each([
    ["before the pid was on record", (cache: string) => unrecordProcess(cache)],
    ["and the record is spoilt", (cache: string) => writeFileSync(join(cache, "started.json"), "{")],
  ])("finds the daemon by its pid file where set-up was killed %s", async (_, spoil) => {
    const { cache, socket } = place();
    await dockerd.startDockerd({ cache, socket }, () => {});
    const { process: started } = readStarted(cache).dockerd!;
    spoil(cache);

    expect(dockerd.runningDockerd(cache)).toBe(started!.pid);
    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(stillRuns(started!)).toBe(false);
  });

  it.each([
    ["on record with another start time", true],
    ["in the pid file only", false],
  ])("spares a process that has the daemon's pid %s", async (_, recorded) => {
    const { cache } = place();
    const bystander = spawn("sleep", ["60"]);
    await once(bystander, "spawn");
    const identity = identify(bystander.pid!)!;
    mkdirSync(join(cache, "dockerd"), { recursive: true });
    writeFileSync(join(cache, "dockerd", "pid"), String(bystander.pid));
    if (recorded) {
      const daemon = { bootId: bootId(), network: inspectNetwork(), files: [] };
      writeStarted(cache, { dockerd: { ...daemon, process: { ...identity, startTime: "1" } } });
    }

    expect(dockerd.runningDockerd(cache)).toBeUndefined();
    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(stillRuns(identity)).toBe(true);
    bystander.kill();
  });

  /** Kills the daemon that is on record, and returns when it has ended. */
  async function kill(cache: string): Promise<void> {
    const daemon = readStarted(cache).dockerd!.process!;
    process.kill(daemon.pid, "SIGKILL");
    while (stillRuns(daemon)) await sleep(20);
  }

  it("removes the files of a daemon that was killed", async () => {
    const { cache, socket } = place();
    await dockerd.startDockerd({ cache, socket }, () => {});
    await kill(cache);
    expect(existsSync(socket)).toBe(true);

    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(existsSync(socket)).toBe(false);
  });

  it("spares the files of another daemon that has taken the place of one that was killed", async () => {
    const { cache, socket } = place();
    await dockerd.startDockerd({ cache, socket }, () => {});
    await kill(cache);
    rmSync(socket);
    const other = createServer((_, response) => response.end("OK")).listen(socket);
    await once(other, "listening");

    const stopped = await dockerd.stopDockerd(cache);
    const isThere = existsSync(socket);
    other.close();
    expect([stopped, isThere]).toEqual([true, true]);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("spares files that are there since another boot", async () => {
    const { cache } = place();
    const file = join(cache, "key.json");
    mkdirSync(cache);
    writeFileSync(file, "");
    writeStarted(cache, { dockerd: { bootId: "another", files: [file] } });

    expect(await dockerd.stopDockerd(cache)).toBe(true);
    expect(readdirSync(cache)).toEqual(["key.json"]);
  });

  it("does nothing where set-up has started nothing", async () => {
    const { cache } = place();

    expect(await dockerd.stopDockerd(cache)).toBe(false);
    expect(existsSync(cache)).toBe(false);
  });
});

function unrecordProcess(cache: string): void {
  writeStarted(cache, { dockerd: { ...readStarted(cache).dockerd!, process: undefined } });
}
