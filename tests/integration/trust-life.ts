// The life of a root certificate in the system's store, as a program: what the machine trusts before, while and after.
// It runs in a mount namespace of its own with copies of the folders that it changes, see trust.test.ts.
// Prints one line of JSON.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const CERTIFICATES = "/etc/ssl/certs";
const ANCHORS = "/usr/local/share/ca-certificates";

const [folder = "", root = "", stack = "", ending] = process.argv.slice(2);
const javaHome = join(folder, "java");
mkdirSync(join(javaHome, "lib/security"), { recursive: true });
symlinkSync(join(CERTIFICATES, "java/cacerts"), join(javaHome, "lib/security/cacerts")); // as in Debian's packages
const env = { ...process.env, HOME: folder, JAVA_HOME: javaHome, MTLS_LAB_CACHE: join(folder, "cache") };

execFileSync("update-ca-certificates", { stdio: "ignore" }); // what somebody else has left to do
const before = machine();
const trusted = lab("trust", "--store", "system", "--store", "java", "--yes");
const during = machine();
const record = JSON.parse(readFileSync(join(folder, "cache/trusted.json"), "utf8")) as object[];
if (ending === "half undone")
  rmSync(
    join(
      ANCHORS,
      during.anchors.find((name) => !before.anchors.includes(name))!,
    ),
  );
const untrusted = lab("untrust", "--yes");
console.log(JSON.stringify({ before, trusted, during, record, untrusted, after: machine() }));

function lab(verb: string, ...args: string[]): number | null {
  const bootstrap = join(root, "cli/bootstrap.mjs");
  return spawnSync(process.execPath, [bootstrap, verb, "--stack", stack, ...args], { cwd: root, env }).status;
}

function machine() {
  return {
    anchors: readdirSync(ANCHORS).sort(),
    links: readdirSync(CERTIFICATES, { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ name }) => `${name} ${readlinkSync(join(CERTIFICATES, name))}`)
      .sort(),
    bundle: createHash("sha256")
      .update(readFileSync(join(CERTIFICATES, "ca-certificates.crt")))
      .digest("hex"),
    java: inJava(),
    server: {
      folder: accepts("-CApath", CERTIFICATES),
      bundle: accepts("-CAfile", join(CERTIFICATES, "ca-certificates.crt")),
    },
  };
}

/** Whether OpenSSL takes the stack's server, with what this machine trusts. */
function accepts(...store: string[]): boolean {
  const args = ["verify", ...store, "-untrusted", join(root, "chain.crt"), join(root, "chain.crt")];
  return spawnSync("openssl", args).status === 0;
}

/** Alias and fingerprint of everything in Java's store. */
function inJava(): string[] {
  const keystore = join(CERTIFICATES, "java/cacerts");
  const args = ["-list", "-keystore", keystore, "-storepass", "changeit", "-J-Duser.language=en"];
  const lines = execFileSync("keytool", args, { encoding: "utf8", stdio: "pipe" }).split("\n");
  const fingerprints = lines.flatMap((line, i) => {
    const [, sha256] = /^Certificate fingerprint \(SHA-256\): (.+)$/.exec(line) ?? [];
    return sha256 === undefined ? [] : [`${lines[i - 1]!.split(",")[0]} ${sha256}`];
  });
  return fingerprints.sort();
}
