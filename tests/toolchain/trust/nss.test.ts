import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { rootCertificates } from "../../../toolchain/trust/certificate.ts";
import { addTrust, planTrust } from "../../../toolchain/trust/placement.ts";
import { readTrusted } from "../../../toolchain/trust/record.ts";
import { planUntrust, removeTrust } from "../../../toolchain/trust/removal.ts";
import type { Machine } from "../../../toolchain/trust/store.ts";
import { nss } from "../../../toolchain/trust/nss.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { authorities, type Identity, identity } from "../../test-pki.ts";

const owner = { checkout: "/checkout", stack: "dev" };

/** Runs the real certutil on a database. */
function certutil(database: string, args: string[], input = ""): string {
  return execFileSync("certutil", [...args, "-d", `sql:${database}`], { input, encoding: "utf8", stdio: "pipe" });
}

/** Nickname and flags of everything in a database. */
function listed(database: string): string[] {
  const [, ...lines] = certutil(database, ["-L"]).split("\n\n");
  return lines
    .flatMap((part) => part.split("\n"))
    .map((line) => line.trim().replace(/ {2,}/, ": "))
    .filter(Boolean);
}

/** A home with an empty database of Chromium. */
function home(): { database: string; machine: Machine; cache: string } {
  const folder = temporaryFolder();
  const database = join(folder, ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  certutil(database, ["-N", "--empty-password"]);
  const machine = { platform: process.platform, env: { PATH: process.env.PATH, HOME: folder }, isRoot: true };
  return { database, machine, cache: join(folder, "cache") };
}

/** Trusts roots as `npm run trust` does, and returns how it went. */
async function trust(roots: Identity[], { machine, cache }: ReturnType<typeof home>) {
  const certificates = rootCertificates(roots.map(({ certPem }) => certPem).join(""), "root.crt");
  const { placements } = await planTrust(certificates, ["nss"], owner, machine);
  const done = [];
  for (const placement of placements) done.push(await addTrust(placement, cache));
  return done.map(({ state, error, record }) => ({ state, error, entry: record.entry }));
}

async function untrust({ machine, cache }: ReturnType<typeof home>, index?: number) {
  const records = readTrusted(cache).slice(index ?? 0, index === undefined ? undefined : index + 1);
  const done = [];
  for (const removal of await planUntrust(records, machine)) done.push(await removeTrust(removal, cache));
  return done.map(({ state, error }) => ({ state, error }));
}

describe("a browser's database", () => {
  it("accepts a server of the lab from the moment its root is trusted, and no longer when it is taken out", async () => {
    const user = home();
    const { root, intermediate } = await authorities("Lab");
    const server = await identity(
      { subject: { commonName: "lab.localhost" }, dnsNames: ["lab.localhost"], extendedKeyUsages: ["serverAuth"] },
      intermediate,
    );
    certutil(user.database, ["-A", "-a", "-t", ",,", "-n", "intermediate"], intermediate.certPem);
    certutil(user.database, ["-A", "-a", "-t", ",,", "-n", "server"], server.certPem);
    const before = listed(user.database);
    const verify = () => {
      try {
        return certutil(user.database, ["-V", "-n", "server", "-u", "V", "-e"]).trim();
      } catch (error) {
        return (error as { stdout: string; stderr: string }).stdout.trim();
      }
    };

    expect(verify()).toBe("certutil: certificate is invalid: Peer's Certificate issuer is not recognized.");
    const [{ state, entry }] = (await trust([root], user)) as [Awaited<ReturnType<typeof trust>>[0]];
    expect(state).toBe("added");
    expect(entry).toMatch(/^mtls-lab dev Lab Root CA [0-9a-f]{8}$/);
    expect(listed(user.database)).toEqual([...before, `${entry}: C,,`]);
    expect(verify()).toBe("certutil: certificate is valid");

    expect(await untrust(user)).toEqual([{ state: "removed" }]);
    expect(listed(user.database)).toEqual(before);
    expect(verify()).toBe("certutil: certificate is invalid: Peer's Certificate issuer is not recognized.");
    expect(readTrusted(user.cache)).toEqual([]);
  });

  it.each([0, 1, 2])("loses exactly one of three roots with the same name: number %i", async (index) => {
    const user = home();
    const same = async () => (await authorities("Same")).root;
    const done = await trust([await same(), await same(), await same()], user);
    const entries = done.map(({ entry }) => `${entry}: C,,`);

    expect(done.map(({ state }) => state)).toEqual(["added", "added", "added"]);
    expect(listed(user.database).sort()).toEqual([...entries].sort());
    expect(await untrust(user, index)).toEqual([{ state: "removed" }]);
    expect(listed(user.database).sort()).toEqual(entries.filter((_, i) => i !== index).sort());
  });

  it("keeps what somebody else trusts already", async () => {
    const user = home();
    const { root } = await authorities("Theirs");
    certutil(user.database, ["-A", "-a", "-t", "CT,C,C", "-n", "theirs"], root.certPem);

    expect(await trust([root], user)).toMatchObject([{ state: "trusted" }]);
    expect(readTrusted(user.cache)).toEqual([]);
    expect(listed(user.database)).toEqual(["theirs: CT,C,C"]);
  });

  it("that has the certificate as one not to trust is left as it is, with the command that removes it", async () => {
    const user = home();
    const { root } = await authorities("Distrusted");
    certutil(user.database, ["-A", "-a", "-t", "p,p,p", "-n", "not this one"], root.certPem);

    expect(await trust([root], user)).toMatchObject([
      {
        state: "failed",
        error:
          "it holds this certificate as one that is not trusted, and NSS holds it only once: " +
          `remove it first, certutil -D -d sql:${user.database} -n 'not this one'`,
      },
    ]);
    expect(listed(user.database)).toEqual(["not this one: p,p,p"]);
    expect(readTrusted(user.cache)).toEqual([]);
  });

  it("that is gone, or has lost our entry to somebody else, is fine", async () => {
    const user = home();
    const [first] = await trust([(await authorities("One")).root, (await authorities("Two")).root], user);
    certutil(user.database, ["-D", "-n", first!.entry]);
    expect(await untrust(user, 0)).toEqual([{ state: "gone" }]);

    rmSync(user.database, { recursive: true });
    expect(await untrust(user)).toEqual([{ state: "gone" }]);
    expect(readTrusted(user.cache)).toEqual([]);
  });
});

describe("the search for browsers' databases", () => {
  const FOLDERS = [
    ".pki/nssdb",
    "snap/chromium/current/.pki/nssdb",
    ".var/app/org.chromium.Chromium/.pki/nssdb",
    ".local/share/pki/nssdb",
    ".mozilla/firefox/a.default",
    ".mozilla/firefox/b.default-release",
    "snap/firefox/common/.mozilla/firefox/c.default",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/d.default",
    ".config/mozilla/firefox/e.default",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox/f.default",
    "Library/Application Support/Firefox/Profiles/g.default",
  ];

  it("knows the places of Chromium and Firefox, those of snap and flatpak too, and no folder without a database", async () => {
    const folder = temporaryFolder();
    for (const path of [...FOLDERS, ".mozilla/firefox/Crash Reports"])
      mkdirSync(join(folder, path), { recursive: true });
    for (const path of FOLDERS) writeFileSync(join(folder, path, "cert9.db"), "");

    const { stores } = await nss.find({
      platform: "linux",
      env: { PATH: process.env.PATH, HOME: folder },
      isRoot: false,
    });
    expect(stores.map(({ place }) => place)).toEqual(FOLDERS.map((path) => join(folder, path)));
  });

  it("says what is missing: the databases, or the program", async () => {
    const folder = temporaryFolder();
    const machine: Machine = { platform: "linux", env: { PATH: "", HOME: folder }, isRoot: false };
    expect(await nss.find(machine)).toEqual({
      stores: [],
      skipped: "no browser of this user has a database: its first start makes one",
    });

    mkdirSync(join(folder, ".pki/nssdb"), { recursive: true });
    writeFileSync(join(folder, ".pki/nssdb/cert9.db"), "");
    const sentence =
      "certutil is missing: install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Arch, Homebrew)";
    expect(await nss.find(machine)).toEqual({ stores: [], skipped: sentence });
    const record = { ...owner, store: "nss", place: join(folder, ".pki/nssdb"), entry: "x", sha256: "" } as const;
    expect(await planUntrust([record], machine)).toEqual([{ record, state: "failed", error: sentence }]);
  });
});
