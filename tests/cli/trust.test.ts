/** `trust` and `untrust` on the stores of a home of their own. The system's store: tests/integration/trust.test.ts. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { HELP_FOR } from "../../cli/trust-help.ts";
import { sha256Of } from "../../toolchain/trust/certificate.ts";
import { java } from "../../toolchain/trust/java.ts";
import { Checkout, type Outcome, run } from "../checkout.ts";
import { openssl } from "../openssl.ts";
import { page } from "../readme.ts";
import { authorities } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new Checkout(`it-trust-${process.pid}`);
const { certPem } = (await authorities("Jack-GM")).root;
const { certPem: nextPem } = (await authorities("Jack-GM")).root;
const [label, nextLabel] = [certPem, nextPem].map(
  (pem) => `mtls-lab ${lab.stack} Jack-GM Root CA ${sha256Of(pem).slice(0, 8)}`,
) as [string, string];

let home = "";
let database = "";
let cacerts = "";

beforeAll(() => lab.configure({ deploy: "none" }));
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "mtls-lab-home-"));
  database = join(home, ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  certutil("-N", "--empty-password");
  cacerts = join(home, "java/lib/security/cacerts");
  mkdirSync(dirname(cacerts), { recursive: true });
  const { PATH } = process.env;
  const { stores } = await java.find({ platform: process.platform, env: { PATH }, isRoot: true });
  copyFileSync(stores[0]!.place, cacerts);
  publish(certPem);
});
afterEach(() => rmSync(home, { recursive: true }));
afterAll(() => rmSync(lab.root, { recursive: true, force: true }));

/** Writes root.crt, as `up` does. */
function publish(...pems: string[]): void {
  mkdirSync(lab.file(""), { recursive: true });
  writeFileSync(lab.file("root.crt"), pems.join(""));
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, HOME: home, JAVA_HOME: join(home, "java"), MTLS_LAB_CACHE: join(home, "cache") };
}

/** Runs a verb on the stack without a terminal, which certutil would ask for a password. */
function mtlsLab(verb: string, ...args: string[]): Promise<Outcome> {
  const bootstrap = join(lab.root, "cli/bootstrap.mjs");
  return run(
    "setsid",
    ["--wait", process.execPath, bootstrap, verb, "--stack", lab.stack, ...args],
    lab.root,
    environment(),
  );
}

/** The same at a terminal, where `typed` is the answer to the question. */
async function atTerminal(typed: string, verb: string, ...args: string[]): Promise<{ status: number; output: string }> {
  const bootstrap = join(lab.root, "cli/bootstrap.mjs");
  const command = [process.execPath, bootstrap, verb, "--stack", lab.stack, ...args].join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: lab.root, env: environment() });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const asked = output.includes("[y/N]");
    output += text;
    if (!asked && output.includes("[y/N]")) child.stdin.write(typed);
  });
  const [status] = (await once(child, "close")) as [number];
  return { status, output };
}

function certutil(...args: string[]): string {
  return execFileSync("certutil", [...args, "-d", `sql:${database}`], { encoding: "utf8", stdio: "pipe" });
}

/** What is in the browser's database: nickname and flags. */
function inBrowser(): string[] {
  const lines = certutil("-L").split("\n").slice(4);
  return lines.map((line) => line.trim().replace(/ {2,}/, ": ")).filter(Boolean);
}

/** What of ours is in Java's store, by alias. */
function inJava(): string[] {
  const args = ["-list", "-keystore", cacerts, "-storepass", "changeit", "-J-Duser.language=en"];
  const listing = execFileSync("keytool", args, { encoding: "utf8", stdio: "pipe" });
  return [...listing.matchAll(/^(mtls-lab .*?), /gm)].map(([, alias = ""]) => alias);
}

function recorded(): unknown {
  const path = join(home, "cache/trusted.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
}

describe("trust", () => {
  const only = ["--store", "nss", "--store", "java"];

  it("shows what it would do where nobody can be asked, and does nothing", async () => {
    const { status, stdout, stderr } = await mtlsLab("trust", ...only);
    const fingerprint = sha256Of(certPem).toUpperCase().match(/../g)!.join(":");

    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "nothing was changed, for nobody can be asked here: add --yes to go ahead\n",
    });
    expect(stdout.replace(/until \S+/, "until DAY").split("\n")).toEqual([
      `Root certificate of stack ${lab.stack}: CN=Jack-GM Root CA, until DAY`,
      `  SHA-256 ${fingerprint}`,
      "  Warning: it has no critical name constraints, so whoever has its key can impersonate any site to you.",
      "",
      `nss ${database}:`,
      `  certutil -A -d sql:${database} -t C,, -n '${label}' -a # reads the certificate`,
      `java ${cacerts}:`,
      `  MTLS_LAB_STOREPASS=changeit keytool -importcert -keystore ${cacerts} -storepass:env MTLS_LAB_STOREPASS ` +
        `-noprompt -alias '${label.toLowerCase()}' # reads the certificate`,
      "",
    ]);
    expect([inBrowser(), inJava(), recorded()]).toEqual([[], [], []]);
  });

  it.each(["n\n", "\n", "yes, but\n", "\x04", "\x03"])("does nothing where the answer is %j", async (typed) => {
    const { status, output } = await atTerminal(typed, "trust", "--store", "nss");

    expect(output).toContain("Go ahead? [y/N]");
    expect(output.trimEnd().split("\r\n").at(-1)).toBe("nothing was changed");
    expect(status).toBe(1);
    expect([inBrowser(), recorded()]).toEqual([[], []]);
  });

  it("goes ahead where the answer is yes, and untrust the same", async () => {
    const trusted = await atTerminal("y\n", "trust", "--store", "nss");
    expect(trusted.status).toBe(0);
    expect(inBrowser()).toEqual([`${label}: C,,`]);

    expect((await atTerminal("n\n", "untrust")).status).toBe(1);
    expect(inBrowser()).toEqual([`${label}: C,,`]);
    expect((await atTerminal("Yes\n", "untrust")).status).toBe(0);
    expect([inBrowser(), recorded()]).toEqual([[], []]);
  });

  it("trusts every root of a rollover, records what it did, and has nothing to do the second time", async () => {
    publish(certPem, nextPem);
    const first = await mtlsLab("trust", ...only, "--yes");

    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: "" });
    expect(first.stdout.trimEnd().split("\n").at(-1)).toBe(
      `Browsers that run see it after a restart. npm run untrust -- --stack ${lab.stack} takes it out again.`,
    );
    expect(inBrowser().sort()).toEqual([`${label}: C,,`, `${nextLabel}: C,,`].sort());
    expect(inJava().sort()).toEqual([label.toLowerCase(), nextLabel.toLowerCase()].sort());
    const entry = { checkout: lab.root, stack: lab.stack, sha256: sha256Of(certPem) };
    expect(recorded()).toHaveLength(4);
    expect(recorded()).toEqual(
      expect.arrayContaining([
        { ...entry, store: "nss", place: database, entry: label },
        { ...entry, store: "java", place: cacerts, entry: label.toLowerCase() },
      ]),
    );

    const second = await mtlsLab("trust", ...only);
    expect(second.status).toBe(0);
    expect(second.stdout.split("\n").slice(-5, -1)).toEqual([
      ...Array<string>(2).fill(`nss ${database}: trusts it already`),
      ...Array<string>(2).fill(`java ${cacerts}: trusts it already`),
    ]);
    expect(recorded()).toHaveLength(4);
  });

  it("prints the facts as JSON, what would be done and what was done", async () => {
    const facts = async (...args: string[]) => {
      const { status, stdout } = await mtlsLab("trust", "--store", "nss", "--json", ...args);
      return { status, ...(JSON.parse(stdout) as { stores: object[]; certificates: object[] }) };
    };
    const entry = { store: "nss", place: database, entry: label, sha256: sha256Of(certPem) };
    const command = `certutil -A -d sql:${database} -t C,, -n '${label}' -a # reads the certificate`;

    const before = await facts();
    expect(before).toMatchObject({ status: 2, stack: lab.stack, skipped: [] });
    expect(before.certificates).toMatchObject([
      { subject: "CN=Jack-GM Root CA", sha256: sha256Of(certPem), nameConstraints: null },
    ]);
    expect(before.stores).toEqual([{ ...entry, state: "absent", commands: [command] }]);
    expect(await facts("--yes")).toMatchObject({ status: 0, stores: [{ ...entry, state: "added" }] });
    expect(await facts()).toMatchObject({ status: 0, stores: [{ ...entry, state: "trusted" }] });
  });

  it("says which names a root is limited to, and that Java does not care", async () => {
    const names = "nameConstraints=critical,permitted;DNS:lab.localhost,permitted;IP:127.0.0.0/255.0.0.0";
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Lab"];
    publish(openssl([...args, "-keyout", join(home, "root.key"), "-addext", names]));
    const { stdout } = await mtlsLab("trust", ...only);
    const lines = stdout.split("\n");

    expect(lines[2]).toBe(
      "  Critical name constraints limit what its key is good for: permitted DNS lab.localhost, IP 127.0.0.0/8.",
    );
    expect(lines).toContain(`nss ${database}:`);
    expect(lines).toContain(`java ${cacerts}: (Java does not apply the name constraints of a root)`);
  });

  it("says which store failed and leaves nothing of itself there, and does the others", async () => {
    rmSync(database, { recursive: true });
    mkdirSync(database);
    writeFileSync(join(home, "password"), "of the user\n");
    certutil("-N", "-f", join(home, "password"));
    const { status, stdout, stderr } = await mtlsLab("trust", ...only, "--yes");

    expect({ status, stderr }).toEqual({ status: 1, stderr: `not trusted, see above: nss ${database}\n` });
    expect(stdout).toMatch(new RegExp(`^nss ${database}: failed, certutil -A: .*SEC_ERROR_.*$`, "m"));
    expect(stdout).toContain(`java ${cacerts}: trusts it now\n`);
    expect([inBrowser(), inJava()]).toEqual([[], [label.toLowerCase()]]);
    expect(recorded()).toMatchObject([{ store: "java" }]);
  });

  it("fails where there is no store at all, and says why", async () => {
    rmSync(database, { recursive: true });
    const { status, stdout, stderr } = await mtlsLab("trust", "--store", "nss", "--yes");

    expect({ status, stderr }).toEqual({ status: 1, stderr: "there is no store that can be changed, see above\n" });
    expect(stdout).toContain("nss: skipped, no browser of this user has a database: its first start makes one\n");
  });

  it.each<[string, string[], number, string]>([
    [
      "an unknown store",
      ["--store", "windows"],
      2,
      "error: option '--store <kind...>' argument 'windows' is invalid. ",
    ],
    [
      "an unknown system",
      ["--help-for", "beos"],
      2,
      "error: option '--help-for <system>' argument 'beos' is invalid. ",
    ],
    [
      "a file of a password that is not there",
      ["--java-storepass-file", "/none"],
      2,
      "--java-storepass-file: /none cannot be read\n",
    ],
  ])("refuses %s with one sentence", async (_, args, status, sentence) => {
    const outcome = await mtlsLab("trust", ...args);
    expect({ status: outcome.status, sentence: outcome.stderr.slice(0, sentence.length) }).toEqual({
      status,
      sentence,
    });
  });

  it("refuses a stack that is not up, and a root.crt that is none", async () => {
    publish("");
    expect(await mtlsLab("trust", "--yes")).toEqual({
      status: 1,
      stdout: "",
      stderr: `.lab/${lab.stack}/root.crt holds no certificate: npm run up writes it anew\n`,
    });
    rmSync(lab.file("root.crt"));
    const sentence = `stack ${lab.stack} is not up: npm run up -- --stack ${lab.stack}\n`;
    expect(await mtlsLab("trust", "--yes")).toEqual({ status: 1, stdout: "", stderr: sentence });
  });

  it.each(HELP_FOR)(
    "prints what to do by hand for %s, with this stack's path and how to take it out",
    async (system) => {
      const { status, stdout } = await mtlsLab("trust", "--help-for", system);

      expect(status).toBe(0);
      expect(stdout.trim()).toBe(page(`docs/trust/${system}.txt`).trim().replaceAll(".lab/dev/", `.lab/${lab.stack}/`));
      expect(stdout).toContain(`.lab/${lab.stack}/root.crt`);
      expect(stdout).toMatch(/^Written from .*'s documentation; /m);
      expect(stdout).toMatch(/^Taking it out again/m);
    },
  );
});

describe("untrust", () => {
  const only = ["--store", "nss", "--store", "java"];

  it("undoes exactly what trust did when the stack is gone and its root is another, and is fine twice", async () => {
    const others = "somebody else's";
    certutil("-A", "-a", "-t", "C,,", "-n", others, "-i", pemFile(nextPem));
    publish(certPem, nextPem);
    expect((await mtlsLab("trust", "--store", "nss", "--yes")).status).toBe(0);
    expect(recorded()).toMatchObject([{ entry: label }]);
    rmSync(join(lab.root, ".lab"), { recursive: true });

    const { status, stdout } = await mtlsLab("untrust", "--yes");
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([
      `nss ${database}:`,
      `  certutil -D -d sql:${database} -n '${label}'`,
      `nss ${database}: taken out`,
      "",
    ]);
    expect([inBrowser(), recorded()]).toEqual([[`${others}: C,,`], []]);
    expect(await mtlsLab("untrust", "--yes")).toEqual({
      status: 0,
      stdout: `Nothing of stack ${lab.stack} is trusted on this machine through \`npm run trust\`.\n`,
      stderr: "",
    });
  });

  it("takes out of the stores that are named, and leaves other checkouts' entries unless told --all", async () => {
    expect((await mtlsLab("trust", ...only, "--yes")).status).toBe(0);
    expect((await mtlsLab("untrust", "--store", "java", "--yes")).status).toBe(0);
    expect([inBrowser(), inJava()]).toEqual([[`${label}: C,,`], []]);

    const [entry] = recorded() as [{ checkout: string }];
    writeFileSync(join(home, "cache/trusted.json"), JSON.stringify([{ ...entry, checkout: "/elsewhere" }]));
    expect((await mtlsLab("untrust", "--yes")).stdout).toMatch(/^Nothing of stack /);
    expect(inBrowser()).toEqual([`${label}: C,,`]);
    expect((await mtlsLab("untrust", "--all", "--yes")).status).toBe(0);
    expect([inBrowser(), recorded()]).toEqual([[], []]);
  });

  it("shows what it would do where nobody can be asked, in words and as JSON, and does nothing", async () => {
    expect((await mtlsLab("trust", "--store", "nss", "--yes")).status).toBe(0);
    const { status, stdout } = await mtlsLab("untrust");
    expect({ status, stdout }).toEqual({
      status: 2,
      stdout: `nss ${database}:\n  certutil -D -d sql:${database} -n '${label}'\n`,
    });

    const facts = await mtlsLab("untrust", "--json");
    expect(facts.status).toBe(2);
    expect(JSON.parse(facts.stdout)).toMatchObject([
      { store: "nss", entry: label, state: "trusted", commands: [`certutil -D -d sql:${database} -n '${label}'`] },
    ]);
    expect(inBrowser()).toEqual([`${label}: C,,`]);
  });
});

describe("down", () => {
  it("says that the root is still trusted, and how to take it out", async () => {
    const sentence = (stores: string) =>
      `The root of stack ${lab.stack} is still trusted on this machine (${stores}): ` +
      `npm run untrust -- --stack ${lab.stack} takes it out.`;
    expect((await mtlsLab("trust", "--store", "nss", "--yes")).status).toBe(0);

    const first = await mtlsLab("down");
    expect(first.status).toBe(0);
    expect(first.stdout.trimEnd().split("\n").at(-1)).toBe(sentence("nss"));
    expect((await mtlsLab("down")).stdout).toBe(`${sentence("nss")}\n`);

    expect((await mtlsLab("untrust", "--yes")).status).toBe(0);
    expect((await mtlsLab("down")).stdout).toBe("");
  });
});

function pemFile(pem: string): string {
  const path = join(home, "other.crt");
  writeFileSync(path, pem);
  return path;
}
