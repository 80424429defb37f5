/** Where private keys and passwords must not be in clear, after each step of a lab's life. The steps follow each other. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { pids } from "../../toolchain/process-identity.ts";
import { docker, LiveLab } from "../live-lab.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("secrets");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

/** Every secret there ever was, by what it is: a piece of it that stands for the whole. */
const secrets = new Map<string, string>();
/** What was looked at, by where it was found. */
const seen = new Map<string, string>();

/** Runs a verb, and keeps what it printed and the command lines of everything that ran meanwhile. */
async function live(verb: string, ...args: string[]): Promise<void> {
  const watch = setInterval(() => note("process list", commandLines()), 20);
  const { status, stdout, stderr } = await lab.lab(verb, ...args);
  clearInterval(watch);
  expect({ verb, status, stderr: status === 0 ? "" : stderr }).toEqual({ verb, status: 0, stderr: "" });
  note(`output of ${verb}`, stdout + stderr);
}

function note(where: string, text: string): void {
  seen.set(where, (seen.get(where) ?? "") + text);
}

function commandLines(): string {
  return pids()
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return ""; // ended
      }
    })
    .join("\n");
}

/** Takes down the secrets that there are now: those in the state, opened with the passphrase, and those in files. */
async function collect(): Promise<void> {
  const { stdout } = await lab.lab("pulumi", "stack", "export", "--show-secrets");
  for (const [pem] of stdout.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----(\\+n)[\w+/=\\]+-----END/g)) {
    const [longest] = pem.split(/\\+n/).toSorted((a, b) => b.length - a.length);
    secrets.set(`key ${secrets.size}`, longest!);
  }
  for (const client of readdirSync(lab.file("clients"))) {
    secrets.set(`password of ${client}`, readFileSync(lab.file(`clients/${client}/password`), "utf8"));
    const file = readFileSync(lab.file(`clients/${client}/client.p12`)).toString("base64");
    secrets.set(`PKCS#12 of ${client}`, file.slice(0, 76));
  }
  secrets.set("passphrase of the state", readFileSync(join(lab.root, ".lab/passphrase"), "utf8"));
}

/** Every file below a folder, by its path from there. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Looks at everything that is not meant to hold a secret. */
function look(): void {
  for (const file of [...filesBelow(join(lab.root, ".lab/state")), ...filesBelow(join(lab.root, ".lab/engine"))]) {
    note("state and settings", readFileSync(file, "utf8"));
  }
  note("docker inspect", docker("inspect", lab.container));
  note("docker logs", execFileSync("sh", ["-c", `docker logs ${lab.container} 2>&1`], { encoding: "utf8" }));
}

describe("private keys and passwords", () => {
  it("are collected over a whole life: up, preview, renew, revoke, status", async () => {
    await live("up");
    await collect();
    look();
    await live("preview");
    await live("renew", "alice", "server");
    await live("revoke", "bob", "--reason", "keyCompromise");
    await live("status");
    await live("pulumi", "stack", "output", "--json");
    await collect();
    look();

    // Five keys in several places of the state; the test would show nothing if it knew none.
    expect([...secrets.keys()].filter((name) => name.startsWith("key ")).length).toBeGreaterThanOrEqual(5);
    for (const secret of secrets.values()) expect(secret.length).toBeGreaterThan(20);
  });

  it("are in files that only their owner can read, and in directories that only their owner can enter", () => {
    const files = filesBelow(join(lab.root, ".lab"));
    const holding = files.filter((file) => {
      const bytes = readFileSync(file);
      const text = bytes.toString("latin1") + bytes.toString("base64");
      return [...secrets.values()].some((secret) => text.includes(secret));
    });
    const open = holding.filter((file) => (statSync(file).mode & 0o077) !== 0);

    expect(holding.some((file) => file.endsWith("client.key"))).toBe(true); // it finds what it looks for
    expect(open).toEqual([]);
    expect(statSync(join(lab.root, ".lab")).mode & 0o777).toBe(0o700);
  });

  it.each([
    "process list",
    "output of up",
    "output of preview",
    "output of renew",
    "output of revoke",
    "output of status",
  ])("are not in the %s", (where) => {
    expect(seen.get(where)).toBeTruthy();
    expect(found(where)).toEqual([]);
  });

  it.each(["output of pulumi", "state and settings", "docker inspect", "docker logs"])("are not in the %s", (where) => {
    expect(seen.get(where)).toBeTruthy();
    expect(found(where)).toEqual([]);
  });

  it("are nowhere below the lab's folder once it is down", async () => {
    await live("down");
    expect(found("output of down")).toEqual([]);
    expect(readdirSync(lab.root)).not.toContain(".lab");
  });
});

/** Names of the secrets that are in a text. */
function found(where: string): string[] {
  const text = seen.get(where) ?? "";
  return [...secrets].flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));
}
