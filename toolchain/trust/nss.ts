import { existsSync, globSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { Failure } from "../failure.ts";
import { findProgram } from "../find-program.ts";
import { perform } from "./command.ts";
import type { StoreFamily, TrustStore } from "./store.ts";

const MISSING =
  "certutil is missing: install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Arch, Homebrew)";

/** The databases of this user's browsers (NSS, certutil(1)). */
export const nss: StoreFamily = {
  find(machine) {
    const places = databases(machine.env);
    if (places.length === 0)
      return { stores: [], skipped: "no browser of this user has a database: its first start makes one" };
    if (findProgram("certutil", machine.env) === undefined) return { stores: [], skipped: MISSING };
    return { stores: places.map(nssStore) };
  },

  at(place, { env }) {
    if (!existsSync(join(place, "cert9.db"))) return undefined;
    if (findProgram("certutil", env) === undefined) throw new Failure(MISSING);
    return nssStore(place);
  },
};

/** Folders of databases: Chromium's, then Firefox's profiles. snap and flatpak give each program a home of its own. */
function databases(env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME ?? homedir();
  const homes = ["", "snap/*/current/", "snap/*/common/", ".var/app/*/"];
  const searched: [folder: string, patterns: string[]][] = [
    [home, homes.map((each) => `${each}.pki/nssdb`)],
    [env.XDG_DATA_HOME || join(home, ".local/share"), ["pki/nssdb"]],
    [home, homes.map((each) => `${each}.mozilla/firefox/*`)],
    [env.XDG_CONFIG_HOME || join(home, ".config"), ["mozilla/firefox/*"]],
    [home, [".var/app/*/config/mozilla/firefox/*", "Library/Application Support/Firefox/Profiles/*"]],
  ];
  return searched.flatMap(([cwd, patterns]) =>
    patterns
      .flatMap((pattern) => globSync(`${pattern}/cert9.db`, { cwd }).sort())
      .map((file) => join(cwd, dirname(file))),
  );
}

/** One certificate of a database. */
interface Listed {
  sha256: string;
  /** As an authority for servers: certutil's flag `C` in the first field. */
  trusted: boolean;
}

function nssStore(place: string): TrustStore {
  const database = ["-d", `sql:${place}`];
  const certutil = (...args: string[]) => perform({ program: "certutil", args });
  /** The certificate of that name, and those with the same subject: NSS shows them together. */
  const show = async (nickname: string) => parseCertificates(await certutil("-L", ...database, "-n", nickname));
  return {
    kind: "nss",
    place,
    entryFor: (label) => label,

    async isTrusted(sha256) {
      for (const nickname of parseNicknames(await certutil("-L", ...database))) {
        const found = (await show(nickname)).find((listed) => listed.sha256 === sha256);
        if (found?.trusted) return true;
        if (found) {
          throw new Failure(
            `it holds this certificate as one that is not trusted, and NSS holds it only once: ` +
              `remove it first, certutil -D -d sql:${place} -n '${nickname}'`,
          );
        }
      }
      return false;
    },

    async holds(entry, sha256) {
      if (!parseNicknames(await certutil("-L", ...database)).includes(entry)) return false;
      return (await show(entry)).some((listed) => listed.sha256 === sha256);
    },

    toAdd: (entry, certPem) => [
      {
        program: "certutil",
        args: ["-A", ...database, "-t", "C,,", "-n", entry, "-a"],
        input: { text: `${certPem}\n`, what: "the certificate" },
      },
    ],
    toRemove: (entry) => [{ program: "certutil", args: ["-D", ...database, "-n", entry] }],
  };
}

/** Nicknames in the table that `certutil -L` prints: each line ends with three fields of flags. */
function parseNicknames(table: string): string[] {
  return [...table.matchAll(/^(.*\S) +[a-zA-Z]*,[a-zA-Z]*,[a-zA-Z]*\s*$/gm)].map(([, nickname = ""]) => nickname);
}

/** What `certutil -L -n` prints. */
function parseCertificates(text: string): Listed[] {
  const certificates = text.split(/^Certificate:$/m).slice(1);
  return certificates.map((certificate) => ({
    sha256: (/Fingerprint \(SHA-256\):\s+([0-9A-F:]+)/.exec(certificate)?.[1] ?? "").replaceAll(":", "").toLowerCase(),
    trusted: /^ +SSL Flags:\n(?: {12}.*\n)* {12}Trusted CA$/m.test(certificate),
  }));
}
