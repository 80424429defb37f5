/** From one root to the next in the stages of docs/rollover.md, on a live lab. The steps follow each other. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { pemCertificates } from "../../rules/pem.ts";
import { run } from "../checkout.ts";
import { LiveLab } from "../live-lab.ts";
import { openssl, x509 } from "../openssl.ts";
import { settingsIn } from "../readme.ts";
import { Load } from "../load.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("rollover");
const [stage1, stage2, stage3] = settingsIn("docs/rollover.md");
const revoked = { bob: "keyCompromise" };

/** Where a client finds what it needs. */
interface ClientFiles {
  folder: string;
  rootCert: string;
}

/** What alice and bob had before the rollover began, and keep. */
const old = (client: string): ClientFiles => ({
  folder: join(lab.root, "old", client),
  rootCert: join(lab.root, "old", "root.crt"),
});
/** What the lab gives them now. */
const current = (client: string): ClientFiles => ({
  folder: lab.file(`clients/${client}`),
  rootCert: lab.file("root.crt"),
});

beforeAll(async () => {
  await lab.open();
  lab.configure({ revoked });
  await lab.up();
  for (const client of ["alice", "bob"]) cpSync(current(client).folder, old(client).folder, { recursive: true });
  cpSync(lab.file("root.crt"), join(lab.root, "old", "root.crt"));
});
afterAll(() => lab.remove());

/** What the real curl gets: the HTTP status, or that it refuses the server. */
async function answer({ folder }: ClientFiles, { rootCert }: ClientFiles): Promise<number | "refuses the server"> {
  const identity = ["--cert", `${folder}/chain.crt`, "--key", `${folder}/client.key`];
  const trust = ["--cacert", rootCert, "--resolve", `${lab.host}:${lab.httpsPort}:127.0.0.1`];
  const url = `https://${lab.host}:${lab.httpsPort}/whoami`;
  const { status, stdout, stderr } = await run("curl", [
    "-sS",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    ...trust,
    ...identity,
    url,
  ]);
  if (status === 60) return "refuses the server";
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/** What a client gets with old and new credentials, and with old and new roots that it trusts. */
async function answers(client: string) {
  const [before, now] = [old(client), current(client)];
  return {
    "old client, old root": await answer(before, before),
    "old client, new root": await answer(before, now),
    "new client, old root": await answer(now, before),
    "new client, new root": await answer(now, now),
  };
}

const all = (status: number) => ({
  "old client, old root": status,
  "old client, new root": status,
  "new client, old root": status,
  "new client, new root": status,
});

/** Goes to a stage, under a steady load of these clients; each request must be answered. */
async function goTo(settings: Record<string, unknown>, clients: ClientFiles[]): Promise<void> {
  const loads = clients.map(({ folder, rootCert }) => {
    return new Load({ host: lab.host, port: lab.httpsPort, rootCert, clients: [folder] }, { anew: 1, kept: 0 });
  });
  lab.configure({ revoked, ...settings });
  await lab.up();
  await Promise.all(loads.map((load) => load.stop()));
  const tallies = loads.map((load) => load.tally());

  expect(tallies.map(({ failures }) => failures)).toEqual(clients.map(() => []));
  for (const { requests } of tallies) expect(requests).toBeGreaterThan(10);
}

/** Names of the certificates that `status` shows, and the issuer of each client's. */
async function shown(): Promise<{ names: string[]; issuer: string | undefined; lists: string[] }> {
  const { stdout } = await lab.lab("status", "--json");
  const { certificates, revocationLists } = JSON.parse(stdout) as {
    certificates: { name: string; issuer: string }[];
    revocationLists: { issuer: string }[];
  };
  return {
    names: certificates.map(({ name }) => name),
    issuer: certificates.find(({ name }) => name === "alice")?.issuer,
    lists: revocationLists.map(({ issuer }) => issuer.replace("O=Jack-GM, CN=Jack-GM ", "")),
  };
}

describe("a rollover", () => {
  it("begins by trusting the new root beside the old one: nobody notices", async () => {
    await goTo(stage1!, [old("alice"), current("alice")]);

    expect(await answers("alice")).toEqual(all(200));
    expect(await answers("bob")).toEqual(all(400));
    expect(await shown()).toEqual({
      names: ["root", "root-2", "intermediate", "intermediate-2", "server", "alice", "bob"],
      issuer: "O=Jack-GM, CN=Jack-GM Intermediate CA",
      lists: ["Intermediate CA", "Root CA", "Intermediate CA 2", "Root CA 2"],
    });
  });

  it("then issues everything below the new root: who has old credentials or trusts the old root only, goes on", async () => {
    await goTo(stage2!, [old("alice"), current("alice")]);

    expect(await answers("alice")).toEqual(all(200));
    expect(await answers("bob")).toEqual(all(400));
    expect(await shown()).toEqual({
      names: ["root", "root-2", "intermediate", "intermediate-2", "root-2-cross", "server", "alice", "bob"],
      issuer: "O=Jack-GM, CN=Jack-GM Intermediate CA 2",
      lists: ["Intermediate CA", "Root CA", "Intermediate CA 2", "Root CA 2"],
    });
  });

  it("has a key of each CA then, which is exported by its name", async () => {
    const files = ["root.crt", "intermediates.crt"].map((file) => readFileSync(lab.file(file), "utf8"));
    const certificates = files.flatMap(pemCertificates);
    for (const [position, ca] of ["root", "root-2", "intermediate", "intermediate-2"].entries()) {
      const file = join(lab.root, `${ca}.key`);
      const { status, stdout } = await lab.lab("export", ca, "--out", file, "--json");

      expect({ status, stdout }).toEqual({ status: 0, stdout: `${JSON.stringify({ written: [file] })}\n` });
      expect(openssl(["pkey", "-pubout", "-in", file])).toBe(x509(certificates[position]!, "-pubkey"));
    }
  });

  it("ends by dropping the old root: who has not changed by then is refused, and refuses", async () => {
    await goTo(stage3!, [current("alice")]);

    expect(await answers("alice")).toEqual({
      "old client, old root": "refuses the server",
      "old client, new root": 400,
      "new client, old root": "refuses the server",
      "new client, new root": 200,
    });
    expect(await answer(current("bob"), current("bob"))).toBe(400);
    expect(await shown()).toEqual({
      names: ["root-2", "intermediate-2", "server", "alice", "bob"],
      issuer: "O=Jack-GM, CN=Jack-GM Intermediate CA 2",
      lists: ["Intermediate CA 2", "Root CA 2"],
    });
  });

  it("leaves as many resources as there were", async () => {
    expect(await lab.up()).toEqual(["29 unchanged"]);
  });
});
