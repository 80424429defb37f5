import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { causeOf, Failure } from "../failure.ts";
import { findProgram } from "../find-program.ts";
import { pemCertificates } from "../../rules/pem.ts";
import { sha256Of } from "./certificate.ts";
import { run } from "../run.ts";
import { type Command, perform } from "./command.ts";
import { commandsFor, type Machine, NEEDS_ROOT, type Search, type StoreFamily, type TrustStore } from "./store.ts";

const MISSING =
  "keytool is missing: install default-jre-headless (Debian, Ubuntu), java-latest-openjdk-headless (Fedora) or " +
  "jre-openjdk-headless (Arch)";
/** The password that every Java comes with. It is no secret, and guards against accidents only. */
const DEFAULT_STOREPASS = "changeit";
const STOREPASS = "MTLS_LAB_STOREPASS";

/** The store of one Java runtime: that of JAVA_HOME, else that of the `java` on PATH. */
export const java: StoreFamily = {
  async find(machine) {
    const home = await javaHome(machine.env);
    if (home === undefined) return { stores: [], skipped: "no Java in JAVA_HOME or on PATH" };
    // Java 8 has its runtime in a folder of its own.
    const place = [join(home, "lib/security/cacerts"), join(home, "jre/lib/security/cacerts")].find((path) =>
      existsSync(path),
    );
    if (place === undefined) return { stores: [], skipped: `there is no lib/security/cacerts in ${home}` };
    return search(realpathSync(place), machine);
  },

  async at(place, machine) {
    if (!existsSync(place)) return undefined;
    const { stores, skipped } = await search(place, machine);
    if (skipped !== undefined) throw new Failure(skipped);
    return stores[0];
  },
};

async function javaHome(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (env.JAVA_HOME) return env.JAVA_HOME;
  const program = findProgram("java", env);
  if (program === undefined) return undefined;
  let home: string | undefined;
  // Asked, because the java on PATH may be a script of a version manager.
  const report = (line: string) => (home ??= /^java\.home = (.+)$/.exec(line)?.[1]);
  await run(program, ["-XshowSettings:properties", "-version"], { env, report }).catch(() => ""); // macOS has one that is none
  return home;
}

async function search(place: string, machine: Machine): Promise<Search> {
  const { env, javaStorepassFile } = machine;
  const own = env.JAVA_HOME && join(env.JAVA_HOME, "bin/keytool");
  const keytool = own && existsSync(own) ? own : findProgram("keytool", env) && "keytool";
  if (!keytool) return { stores: [], skipped: MISSING };
  const asOwner = await commandsFor(place, machine);
  if (asOwner === undefined) return { stores: [], skipped: NEEDS_ROOT };
  return { stores: [javaStore(place, keytool, javaStorepassFile, asOwner)] };
}

/** @param asOwner gives a command the right to write the store. */
export function javaStore(
  place: string,
  keytool: string,
  storepassFile: string | undefined,
  asOwner: (command: Command) => Command,
): TrustStore {
  const command = (verb: string, ...args: string[]): Command => ({
    program: keytool,
    args: [
      verb,
      "-keystore",
      place,
      // Not in the arguments, which everybody on the machine can see.
      ...(storepassFile === undefined ? ["-storepass:env", STOREPASS] : ["-storepass:file", storepassFile]),
      ...args,
    ],
    ...(storepassFile === undefined ? { env: { [STOREPASS]: DEFAULT_STOREPASS } } : {}),
  });
  /** Every certificate in the store, with its alias. */
  const list = async () => {
    const listing = command("-list", "-rfc", "-J-Duser.language=en");
    return parseListing(await perform(listing).catch((error: unknown) => Promise.reject(explained(error))));
  };
  return {
    kind: "java",
    place,
    // keytool knows aliases in lower case only.
    entryFor: (label) => label.toLowerCase(),
    isTrusted: async (sha256) => (await list()).some((listed) => listed.sha256 === sha256),
    holds: async (entry, sha256) => (await list()).some((listed) => listed.alias === entry && listed.sha256 === sha256),
    toAdd: (entry, certPem) => [
      asOwner({
        ...command("-importcert", "-noprompt", "-alias", entry),
        input: { text: `${certPem}\n`, what: "the certificate" },
      }),
    ],
    toRemove: (entry) => [asOwner(command("-delete", "-alias", entry))],
  };
}

function parseListing(text: string): { alias: string; sha256: string }[] {
  return text
    .split(/^Alias name: /m)
    .slice(1)
    .flatMap((part) =>
      pemCertificates(part).map((certPem) => ({ alias: part.split("\n", 1)[0]!, sha256: sha256Of(certPem) })),
    );
}

function explained(error: unknown): Failure {
  const cause = causeOf(error);
  const fix = /password/i.test(cause) ? ": give a file with the right one, --java-storepass-file FILE" : "";
  return new Failure(`${cause}${fix}`);
}
