import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { sha256Of } from "../../../toolchain/trust/certificate.ts";
import { asText, type Command, withSudo } from "../../../toolchain/trust/command.ts";
import { keychain } from "../../../toolchain/trust/keychain.ts";
import { commandsFor, type Machine } from "../../../toolchain/trust/store.ts";
import { type Anchors, ANCHORS, anchorStore, system } from "../../../toolchain/trust/system.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { authorities } from "../../test-pki.ts";
import { script } from "../script.ts";

const LABEL = "mtls-lab dev Jack-GM Root CA 0123abcd";
const asIs = (command: Command) => command;

// That Debian's do what they should: tests/integration/trust.test.ts. The others were not run.
describe("the system's store", () => {
  it.each([
    [
      "Fedora",
      "/etc/pki/ca-trust/source/anchors/mtls-lab-dev-Jack-GM-Root-CA-0123abcd.crt",
      ["tee ENTRY # reads the certificate", "chmod 644 ENTRY", "update-ca-trust extract"],
      ["rm -f ENTRY", "update-ca-trust extract"],
    ],
    [
      "Debian",
      "/usr/local/share/ca-certificates/mtls-lab-dev-Jack-GM-Root-CA-0123abcd.crt",
      ["tee ENTRY # reads the certificate", "chmod 644 ENTRY", "update-ca-certificates"],
      [
        "tee ENTRY.conf # reads SETTINGS and the line !mtls-lab-dev-Jack-GM-Root-CA-0123abcd.crt",
        "rm -f ENTRY",
        "update-ca-certificates --certsconf ENTRY.conf",
        "rm -f ENTRY.conf",
      ],
    ],
    [
      "Arch",
      "/etc/ca-certificates/trust-source/anchors/mtls-lab-dev-Jack-GM-Root-CA-0123abcd.crt",
      ["tee ENTRY # reads the certificate", "chmod 644 ENTRY", "trust extract-compat"],
      ["rm -f ENTRY", "trust extract-compat"],
    ],
    [
      "openSUSE",
      "/etc/pki/trust/anchors/mtls-lab-dev-Jack-GM-Root-CA-0123abcd.pem",
      ["tee ENTRY # reads the certificate", "chmod 644 ENTRY", "update-ca-certificates"],
      ["rm -f ENTRY", "update-ca-certificates"],
    ],
  ])("of %s is a folder of files, and a program that reads them", (_, entry, adding, removing) => {
    const anchors = ANCHORS.find(({ folder }) => entry.startsWith(`${folder}/`))!;
    const settings = anchors.settings && join(temporaryFolder(), "conf");
    if (settings) writeFileSync(settings, "mozilla/A.crt\n");
    const shown = (commands: Command[]) =>
      commands.map((command) =>
        asText(command)
          .replaceAll(entry, "ENTRY")
          .replace(settings ?? "/none", "SETTINGS"),
      );

    for (const [asRoot, prefix] of [
      [asIs, ""],
      [withSudo, "sudo "],
    ] as const) {
      const store = anchorStore({ ...anchors, settings }, asRoot);
      expect(store.entryFor(LABEL)).toBe(entry);
      expect(shown(store.toAdd(entry, "PEM"))).toEqual(adding.map((line) => prefix + line));
      expect(shown(store.toRemove(entry, ""))).toEqual(removing.map((line) => prefix + line));
    }
  });

  it("deselects a file in a copy of Debian's settings, which stay as they are", () => {
    const settings = join(temporaryFolder(), "conf");
    writeFileSync(settings, "mozilla/A.crt\n!mozilla/B.crt\n\n");
    const [first] = anchorStore({ ...ANCHORS[1]!, settings }, asIs).toRemove("/anchors/mine.crt", "");

    expect(first?.input?.text).toBe("mozilla/A.crt\n!mozilla/B.crt\n!mine.crt\n");
  });

  it("tells what is trusted from what is there under a name", async () => {
    const folder = temporaryFolder();
    const anchors: Anchors = { ...ANCHORS[0]!, folder, bundle: join(folder, "bundle") };
    const { certPem } = (await authorities("One")).root;
    const { certPem: other } = (await authorities("Other")).root;
    const store = anchorStore(anchors, asIs);
    const entry = join(folder, "mine.crt");
    const standing = async () => [
      await store.isTrusted(sha256Of(certPem)),
      await store.holds(entry, sha256Of(certPem)),
    ];

    expect(await standing()).toEqual([false, false]);
    writeFileSync(entry, other);
    expect(await standing()).toEqual([false, false]);
    writeFileSync(entry, certPem);
    expect(await standing()).toEqual([false, true]);
    writeFileSync(anchors.bundle, `# Other\n${other}# One\n${certPem}`);
    expect(await standing()).toEqual([true, true]);
  });

  it("is left to the user where no program of the lab runs", async () => {
    expect(await system.find({ platform: "win32", env: {}, isRoot: false })).toEqual({
      stores: [],
      skipped: "the one of win32 is not changed from here: --help-for says what to do by hand",
    });
  });

  it("on macOS is the login keychain of the user", () => {
    const store = keychain({ platform: "darwin", env: { HOME: "/Users/me" }, isRoot: false });
    const place = "/Users/me/Library/Keychains/login.keychain-db";
    const [write, add, remove] = store.toAdd(store.entryFor(LABEL), "PEM").map(asText);

    expect(store.place).toBe(place);
    const file = /^tee (\S+\/mtls-lab-dev-Jack-GM-Root-CA-0123abcd\.crt) # reads the certificate$/.exec(write!)?.[1];
    expect(add).toBe(`security add-trusted-cert -r trustRoot -k ${place} ${file}`);
    expect(remove).toBe(`rm -f ${file}`);
    expect(store.toRemove("", "0123abcd").map(asText)).toEqual([`security delete-certificate -t -Z 0123ABCD ${place}`]);
  });
});

describe("who is not root", () => {
  const machine = (env: NodeJS.ProcessEnv): Machine => ({ platform: "linux", env, isRoot: false });

  it("changes what is writable alone", async () => {
    const folder = temporaryFolder();
    const change = await commandsFor(folder, machine({ PATH: "" }));
    expect(change?.({ program: "rm", args: ["a"] })).toEqual({ program: "rm", args: ["a"] });
  });

  it("changes the rest with sudo, where there is one", async () => {
    const folder = temporaryFolder();
    script(join(folder, "bin", "sudo"));
    mkdirSync(join(folder, "empty"));

    const change = await commandsFor("/nothing", machine({ PATH: join(folder, "bin") }));
    expect(asText(change!({ program: "rm", args: ["a"] }))).toBe("sudo rm a");
    expect(await commandsFor("/nothing", machine({ PATH: join(folder, "empty") }))).toBeUndefined();
  });
});
