import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { rootCertificates } from "../../../toolchain/trust/certificate.ts";
import { java } from "../../../toolchain/trust/java.ts";
import { addTrust, planTrust } from "../../../toolchain/trust/placement.ts";
import { readTrusted } from "../../../toolchain/trust/record.ts";
import { planUntrust, removeTrust } from "../../../toolchain/trust/removal.ts";
import type { Machine } from "../../../toolchain/trust/store.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { authorities } from "../../test-pki.ts";
import { script } from "../script.ts";

const owner = { checkout: "/checkout", stack: "dev" };
const { PATH } = process.env;

/** The store of the Java that is on PATH. */
let cacerts = "";
beforeAll(async () => {
  const { stores } = await java.find({ platform: process.platform, env: { PATH }, isRoot: true });
  cacerts = stores[0]!.place;
});

/** A Java with a copy of that store, as JAVA_HOME. Its keytool is the one on PATH. */
function javaHome(inside = "lib/security"): { place: string; machine: Machine; cache: string } {
  const folder = temporaryFolder();
  const place = join(folder, inside, "cacerts");
  mkdirSync(dirname(place), { recursive: true });
  copyFileSync(cacerts, place);
  return {
    place,
    machine: { platform: process.platform, env: { PATH, JAVA_HOME: folder }, isRoot: true },
    cache: join(folder, "cache"),
  };
}

/** Each alias of a store with its certificate's SHA-256, as the real keytool lists them. */
function listed(place: string, password = "changeit"): string[] {
  const args = ["-list", "-keystore", place, "-storepass", password, "-J-Duser.language=en"];
  const lines = execFileSync("keytool", args, { encoding: "utf8", stdio: "pipe" }).split("\n");
  const aliases = lines.flatMap((line, i) =>
    lines[i + 1]?.startsWith("Certificate fingerprint (SHA-256)") ? [line] : [],
  );
  return aliases.map((line, i) => {
    const fingerprint = lines[lines.indexOf(line, i) + 1]!.replace(/^.*: /, "");
    return `${line.split(",")[0]} ${fingerprint.replaceAll(":", "").toLowerCase()}`;
  });
}

async function plan(machine: Machine) {
  const { root } = await authorities("Lab");
  const certificates = rootCertificates(root.certPem, "root.crt");
  return { sha256: certificates[0]!.sha256, ...(await planTrust(certificates, ["java"], owner, machine)) };
}

describe("Java's store", () => {
  it("gets the root under its name, and is as it was when it is taken out", async () => {
    const { place, machine, cache } = javaHome();
    const before = listed(place);
    const { placements, sha256 } = await plan(machine);

    expect(placements).toMatchObject([{ state: "absent", record: { place } }]);
    expect(await addTrust(placements[0]!, cache)).toMatchObject({ state: "added" });
    const added = listed(place).filter((line) => !before.includes(line));
    expect(added).toEqual([`mtls-lab dev lab root ca ${sha256.slice(0, 8)} ${sha256}`]);
    expect(await addTrust(placements[0]!, cache)).toMatchObject({ state: "trusted" });

    const [removal] = await planUntrust(readTrusted(cache), machine);
    expect(await removeTrust(removal!, cache)).toMatchObject({ state: "removed" });
    expect(listed(place)).toEqual(before);
    expect(await planUntrust(readTrusted(cache), machine)).toEqual([]);
  });

  it("keeps its password out of the arguments", async () => {
    const { place, machine, cache } = javaHome();
    const file = join(cache, "..", "storepass");
    writeFileSync(file, "of the user\n", { mode: 0o600 });
    execFileSync("keytool", ["-storepasswd", "-keystore", place, "-storepass", "changeit", "-new", "of the user"], {
      stdio: "pipe",
    });
    const own = { ...machine, javaStorepassFile: file };
    const { placements, sha256 } = await plan(own);
    const { store, record, certificate } = placements[0]!;

    const commands = [...store.toAdd(record.entry, certificate.pem), ...store.toRemove(record.entry, sha256)];
    expect(commands.map(({ program, args, env }) => ({ program, args, env }))).toEqual([
      {
        program: "keytool",
        args: ["-importcert", "-keystore", place, "-storepass:file", file, "-noprompt", "-alias", record.entry],
      },
      { program: "keytool", args: ["-delete", "-keystore", place, "-storepass:file", file, "-alias", record.entry] },
    ]);
    expect(await addTrust(placements[0]!, cache)).toMatchObject({ state: "added" });
    expect(listed(place, "of the user")).toContain(`${record.entry} ${sha256}`);

    const [standard] = (await plan(javaHome().machine)).placements;
    const [command] = standard!.store.toAdd(standard!.record.entry, "PEM");
    expect(command!.args.join(" ")).toContain(" -storepass:env MTLS_LAB_STOREPASS ");
    expect(command!.args.join(" ")).not.toContain("changeit");
    expect(command!.env).toEqual({ MTLS_LAB_STOREPASS: "changeit" });
  });

  it("with another password than the usual one says how to give it, and stays as it is", async () => {
    const { place, machine, cache } = javaHome();
    execFileSync("keytool", ["-storepasswd", "-keystore", place, "-storepass", "changeit", "-new", "of the user"], {
      stdio: "pipe",
    });
    const { placements } = await plan(machine);

    expect(placements.map(({ state }) => state)).toEqual(["failed"]);
    expect(placements[0]!.error).toMatch(
      /^keytool -list: keytool error: .*password.*: give a file with the right one, --java-storepass-file FILE$/,
    );
    expect(await addTrust(placements[0]!, cache)).toBe(placements[0]);
    expect(readTrusted(cache)).toEqual([]);
  });

  it("is found in JAVA_HOME, where Java 8 has it too, or through the java on PATH", async () => {
    for (const inside of ["lib/security", "jre/lib/security"]) {
      const { place, machine } = javaHome(inside);
      expect((await java.find(machine)).stores).toMatchObject([{ kind: "java", place }]);
    }
    const { place, machine } = javaHome();
    const bin = join(place, "../../../bin");
    // A version manager's: it is no link into the Java that it starts.
    script(join(bin, "java"), `echo "    java.home = ${machine.env.JAVA_HOME}" >&2`);
    symlinkSync("/bin/sh", join(bin, "keytool"));
    expect((await java.find({ ...machine, env: { PATH: `${bin}:/bin` } })).stores).toMatchObject([{ place }]);
  });

  it("that cannot be had or changed is named, with what to do", async () => {
    const { machine } = javaHome();
    const empty = temporaryFolder();
    const search = (env: NodeJS.ProcessEnv) => java.find({ platform: "linux", env, isRoot: false });

    expect(await search({ PATH: empty })).toEqual({ stores: [], skipped: "no Java in JAVA_HOME or on PATH" });
    expect(await search({ PATH, JAVA_HOME: empty })).toEqual({
      stores: [],
      skipped: `there is no lib/security/cacerts in ${empty}`,
    });
    expect(await search({ ...machine.env, PATH: empty })).toEqual({
      stores: [],
      skipped:
        "keytool is missing: install default-jre-headless (Debian, Ubuntu), java-latest-openjdk-headless (Fedora) or " +
        "jre-openjdk-headless (Arch)",
    });
  });
});
