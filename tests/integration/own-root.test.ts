/** A lab whose root's key is taken away, and what goes on without it. The steps follow each other. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { LiveLab } from "../live-lab.ts";
import { settingsIn } from "../readme.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("own-root");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

const [KEY, CERT] = settingsIn("docs/hierarchies.md");
const keyFile = join(lab.root, "ca/root.key");
const states = join(lab.root, ".lab/state/.pulumi");
/** One resource stands for the key and the certificate of the root. */
const NOTHING = ["28 unchanged"];

/** Every certificate that the lab has issued. */
function certificates(): Record<string, string> {
  const files = ["root.crt", "clients/alice/chain.crt", "clients/bob/chain.crt", "site/current/server.crt"];
  return Object.fromEntries(files.map((file) => [file, readFileSync(lab.file(file), "utf8")]));
}

/** The state as it is now, with its secrets in clear. */
async function state(): Promise<string> {
  const { status, stdout } = await lab.lab("pulumi", "stack", "export", "--show-secrets");
  expect(status).toBe(0);
  return stdout;
}

/** Files of states, present and past, in which a resource of the root has a key, or is one. */
function statesWithKey(): string[] {
  const files = readdirSync(states, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.json(\.bak)?$/.test(file),
  );
  return files.filter((file) =>
    resourcesIn(join(states, file)).some(
      ({ urn, inputs = {} }) =>
        urn.endsWith("::root-key") ||
        (/::(root-cert|issuing-cert|revocation-root)$/.test(urn) && /rivateKeyPem/.test(Object.keys(inputs).join())),
    ),
  );
}

function resourcesIn(file: string): { urn: string; inputs?: object }[] {
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint?: { latest: { resources: { urn: string; inputs?: object }[] } | null };
  };
  return checkpoint?.latest?.resources ?? [];
}

const statusOf = async (client: string) => (await lab.curl("/whoami", ...lab.as(client))).status;
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

describe("a lab", () => {
  let before: Record<string, string>;
  let key: string;

  it.each([
    [{ rootCertFile: "ca/none.crt" }, "'rootCertFile' names <root>/ca/none.crt, which is not there"],
    [{ rootCertFile: "ca" }, "'rootCertFile' names <root>/ca, which is not there"],
    [{ rootKeyFile: "ca/root.key" }, "'rootKeyFile' is set without 'rootCertFile': set both, or neither"],
  ])("with %j is refused in one sentence, and nothing is made", async (settings, words) => {
    lab.configure(settings);
    for (const verb of ["up", "preview"]) {
      const sentence = `Pulumi.${lab.stack}.yaml: configuration key ${words.replace("<root>", lab.root)}\n`;
      expect(await lab.lab(verb)).toEqual({ status: 2, stdout: "", stderr: sentence });
    }
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
    lab.configure({});
  });

  it("exports the key of its root to a file that only its user may read", async () => {
    await lab.up();
    mkdirSync(join(lab.root, "ca"));
    const { status, stdout } = await lab.lab("export", "root", "--out", keyFile);

    expect({ status, stdout }).toEqual({ status: 0, stdout: `Wrote ${keyFile}.\n` });
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    key = readFileSync(keyFile, "utf8");
    expect(await state()).toContain(key.split("\n")[1]!);
    copyFileSync(lab.file("root.crt"), join(lab.root, "ca/root.crt"));
    before = certificates();
  });

  it("takes its root from files then, and no certificate changes", async () => {
    lab.configure(KEY!);
    await lab.up();

    expect(certificates()).toEqual(before);
    expect(await lab.up()).toEqual(NOTHING);
    expect(await statusOf("alice")).toBe(200);
  });

  it("has no key of its root to export any more", async () => {
    const { status, stderr } = await lab.lab("export", "root", "--out", `${keyFile}.again`);

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `the state of stack ${lab.stack} has no key of root: it is where its certificate came from\n`,
    });
  });

  it("goes on without the key, of which its state knows nothing any more", async () => {
    rmSync(keyFile);
    lab.configure(CERT!);
    expect(await lab.up()).toEqual(["3 updated", "25 unchanged"]);

    expect(certificates()).toEqual(before);
    expect(await state()).not.toContain(key.split("\n")[1]!);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("has the key nowhere once the past states are removed, too", async () => {
    expect(statesWithKey()).not.toEqual([]);
    for (const past of ["backups", "history"]) rmSync(join(states, past), { recursive: true });

    expect(statesWithKey()).toEqual([]);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("revokes a client, adds one and renews its server without it", async () => {
    const serial = lab.servedSerial();
    const revoked = { alice: "keyCompromise" };
    lab.configure({ ...CERT, clients: ["alice", "bob", "carol"], revoked, renewed: { server: now() } });
    await lab.up();

    expect([await statusOf("alice"), await statusOf("bob"), await statusOf("carol")]).toEqual([400, 200, 200]);
    expect(lab.servedSerial()).not.toBe(serial);
  });

  const renewed = { intermediate: now() };
  const sentence =
    "'Jack-GM Intermediate CA' is to be signed, and its issuer's key is not here: bring it back for this update";

  it.each(["preview", "up"])("says in %s that it cannot renew its intermediate without it", async (verb) => {
    renewed.intermediate = now();
    lab.configure({ ...CERT, renewed });
    const { status, stdout, stderr } = await lab.lab(verb);

    expect(status).toBe(1);
    expect(stdout + stderr).toContain(`error: ${sentence}\n`);
    expect(await statusOf("bob")).toBe(200);
  });

  it("renews its intermediate when the key is back for one update, and goes on", async () => {
    writeFileSync(keyFile, key, { mode: 0o600 });
    lab.configure({ ...KEY, renewed });
    await lab.up();
    rmSync(keyFile);
    lab.configure({ ...CERT, renewed });
    await lab.up();

    const [, intermediate] = readFileSync(lab.file("clients/bob/chain.crt"), "utf8").split(
      /(?<=END CERTIFICATE-----\n)/,
    );
    expect(before["clients/bob/chain.crt"]).not.toContain(intermediate);
    expect(await statusOf("bob")).toBe(200);
    expect(await lab.up()).toEqual(NOTHING);
  });
});
