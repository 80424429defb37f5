import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { Load, type Tally } from "./load.ts";
import { authorities, identity } from "./test-pki.ts";

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-load-"));
const rootCert = join(folder, "root.crt");
let server: https.Server;
/** What the server does with its next requests, the last one for all that follow. */
let answers: ("200" | "503" | "close")[];

beforeAll(async () => {
  const { root, intermediate } = await authorities("Load");
  writeFileSync(rootCert, root.certPem);
  const client = await identity({ subject: { commonName: "alice" } }, intermediate);
  writeFileSync(join(folder, "chain.crt"), client.chainPem);
  writeFileSync(join(folder, "client.key"), client.privateKeyPem);

  const { chainPem, privateKeyPem } = await identity(
    { subject: { commonName: "lab.localhost" }, extendedKeyUsages: ["serverAuth"], dnsNames: ["lab.localhost"] },
    intermediate,
  );
  server = https.createServer({ cert: chainPem, key: privateKeyPem, ca: root.certPem, requestCert: true });
  server.on("request", (request, response) => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer === "close") request.socket.destroy();
    else response.writeHead(Number(answer)).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** What one client meets before it has sent so many requests. */
async function tallyOf(
  does: typeof answers,
  connections: { anew: number; kept: number },
  client = folder,
): Promise<Tally> {
  answers = does;
  const { port } = server.address() as AddressInfo;
  const load = new Load({ host: "lab.localhost", port, rootCert, clients: [client] }, connections);
  while (load.requests < 10) await sleep(5);
  await load.stop();
  return load.tally();
}

describe("a load", () => {
  it("counts what it sent", async () => {
    const { requests, ...tally } = await tallyOf(["200"], { anew: 1, kept: 1 });
    expect(requests).toBeGreaterThanOrEqual(10);
    expect(tally).toEqual({ retried: 0, elsewhere: 0, failures: [], slowest: expect.any(Number) });
  });

  it("counts what did not get a 200, and every connection that broke in a first request", async () => {
    const { failures, retried } = await tallyOf(["503", "close", "200"], { anew: 1, kept: 0 });
    expect({ failures, retried }).toEqual({ failures: ["503", "ECONNRESET"], retried: 0 });
  });

  it("sends again, once, what met a closed connection that was kept", async () => {
    expect(await tallyOf(["200", "close", "200"], { anew: 0, kept: 1 })).toMatchObject({ failures: [], retried: 1 });
    expect(await tallyOf(["200", "close", "close", "200"], { anew: 0, kept: 1 })).toMatchObject({
      failures: ["ECONNRESET"],
      retried: 1,
    });
  });

  it("counts a client whose files are not there", async () => {
    const { failures } = await tallyOf(["200"], { anew: 1, kept: 0 }, join(folder, "nobody"));
    expect([...new Set(failures)]).toEqual(["ENOENT"]);
  });
});
