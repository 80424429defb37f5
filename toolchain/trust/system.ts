import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { Failure } from "../failure.ts";
import { findProgram } from "../find-program.ts";
import { pemCertificates } from "../../rules/pem.ts";
import { sha256Of } from "./certificate.ts";
import { type Command, withSudo } from "./command.ts";
import { keychain } from "./keychain.ts";
import { type Machine, NEEDS_ROOT, type Search, type StoreFamily, type TrustStore } from "./store.ts";

/** How a family of Linux distributions is told to trust a certificate: a file, and a program that reads all of them. */
export interface Anchors {
  /** Where the administrator's own files are. */
  readonly folder: string;
  readonly extension: string;
  /** The program that reads them. */
  readonly update: readonly [program: string, ...args: string[]];
  /** The package that has it. */
  readonly package: string;
  /** What it makes of them: every certificate that is trusted, PEM. */
  readonly bundle: string;
  /** Its file of what to trust and what not, where it has one. */
  readonly settings?: string;
}

export const ANCHORS: readonly Anchors[] = [
  // Fedora, RHEL and their like: update-ca-trust(8)
  {
    folder: "/etc/pki/ca-trust/source/anchors",
    extension: ".crt",
    update: ["update-ca-trust", "extract"],
    package: "ca-certificates",
    bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  },
  // Debian, Ubuntu and their like: update-ca-certificates(8)
  {
    folder: "/usr/local/share/ca-certificates",
    extension: ".crt",
    update: ["update-ca-certificates"],
    package: "ca-certificates",
    bundle: "/etc/ssl/certs/ca-certificates.crt",
    settings: "/etc/ca-certificates.conf",
  },
  // Arch: trust(1). Not `trust anchor`, which chooses the file's name itself.
  {
    folder: "/etc/ca-certificates/trust-source/anchors",
    extension: ".crt",
    update: ["trust", "extract-compat"],
    package: "ca-certificates-utils",
    bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
  },
  // openSUSE, SLE: update-ca-certificates(8), another program than Debian's
  {
    folder: "/etc/pki/trust/anchors",
    extension: ".pem",
    update: ["update-ca-certificates"],
    package: "ca-certificates",
    bundle: "/var/lib/ca-certificates/ca-bundle.pem",
  },
];

const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin"]; // Debian leaves them off the PATH of everybody but root

/** The store of the operating system. */
export const system: StoreFamily = {
  find(machine) {
    const { platform } = machine;
    if (platform === "darwin") return { stores: [keychain(machine)] };
    if (platform !== "linux") {
      return {
        stores: [],
        skipped: `the one of ${platform} is not changed from here: --help-for says what to do by hand`,
      };
    }
    const anchors = ANCHORS.find(({ folder }) => existsSync(folder));
    if (anchors !== undefined) return search(anchors, machine);
    const folders = ANCHORS.map(({ folder }) => folder).join(", ");
    return { stores: [], skipped: `none of ${folders} is there: install ca-certificates` };
  },

  at(place, machine) {
    if (!existsSync(place)) return undefined;
    if (machine.platform === "darwin") return keychain(machine);
    const anchors = ANCHORS.find(({ folder }) => folder === place);
    if (anchors === undefined) return undefined;
    const { stores, skipped } = search(anchors, machine);
    if (skipped !== undefined) throw new Failure(skipped);
    return stores[0];
  },
};

function search(anchors: Anchors, { env, isRoot }: Machine): Search {
  const [name, ...args] = anchors.update;
  const elsewhere = SYSTEM_FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const program = findProgram(name, env) === undefined ? elsewhere : name;
  if (program === undefined) return { stores: [], skipped: `${name} is missing: install ${anchors.package}` };
  if (!isRoot && findProgram("sudo", env) === undefined) return { stores: [], skipped: NEEDS_ROOT };
  const store = anchorStore({ ...anchors, update: [program, ...args] }, isRoot ? (command) => command : withSudo);
  return { stores: [store] };
}

/** @param asRoot gives a command the rights of root. */
export function anchorStore(anchors: Anchors, asRoot: (command: Command) => Command): TrustStore {
  const { folder, extension, bundle, settings } = anchors;
  const [program, ...args] = anchors.update;
  const write = (path: string, text: string, what: string): Command => ({
    program: "tee",
    args: [path],
    input: { text, what },
  });
  return {
    kind: "system",
    place: folder,
    entryFor: (label) => join(folder, `${label.replace(/[^\w.-]+/g, "-")}${extension}`),
    isTrusted: (sha256) => fileHas(bundle, sha256),
    holds: fileHas,
    toAdd: (entry, certPem) =>
      [
        write(entry, `${certPem}\n`, "the certificate"),
        { program: "chmod", args: ["644", entry] }, // whatever the umask is: everybody's programs read it
        { program, args },
      ].map(asRoot),
    toRemove(entry) {
      const remove = (path: string): Command => ({ program: "rm", args: ["-f", path] });
      if (settings === undefined) return [remove(entry), { program, args }].map(asRoot);
      // Debian's program takes no notice of a file that is gone: its links, and the copy in Java's store, would stay.
      // It does of one that its settings deselect.
      const deselecting = `${entry}.conf`;
      const text = `${readFileSync(settings, "utf8").trimEnd()}\n!${basename(entry)}\n`;
      return [
        write(deselecting, text, `${settings} and the line !${basename(entry)}`),
        remove(entry),
        { program, args: [...args, "--certsconf", deselecting] },
        remove(deselecting),
      ].map(asRoot);
    },
  };
}

async function fileHas(path: string, sha256: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return pemCertificates(text).some((certPem) => sha256Of(certPem) === sha256);
}
