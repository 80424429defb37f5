import { execFileSync, spawnSync } from "node:child_process";

import { derOf } from "./pem.ts";
import { withFiles } from "./scratch.ts";
import { ACCEPTED, type Purpose, refused, type Verification, type Verifier } from "./verifier.ts";

/** vfychain's numbers for SECCertUsage. */
const USAGES: Record<Purpose, string> = { sslclient: "0", sslserver: "1" };

/** Every certificate of the chain must have a CRL in the database; nothing is fetched. */
const REVOCATION = ["leaf", "chain"].flatMap((test) => {
  const flags = ["-h", "testLocalInfoFirst,requireFreshInfo", "-m", "crl"];
  return ["-g", test, ...flags, "-s", "requireInfo,failIfNoInfo,forbidFetching"];
});

/** NSS's PKIX library (CERT_PKIXVerifyCert) by its own tool vfychain. It compares no names. */
export const nss: Verifier = {
  verify({ chain, root, purpose, crls, at }: Verification) {
    const certificates = numbered("certificate", chain);
    const lists = numbered("crl", (crls ?? []).map(derOf));
    return withFiles({ ...certificates, ...lists, root }, (path) => {
      const args = ["-pp", "-u", USAGES[purpose]];
      const refusals: string[] = [];
      if (crls !== undefined) {
        const database = ["-d", `sql:${path("")}`];
        refusals.push(...fillDatabase(database, [...chain.slice(1), root], Object.keys(lists).map(path)));
        args.push(...database, ...REVOCATION);
      }
      if (at !== undefined) args.push("-b", minuteOf(at));
      args.push(...Object.keys(certificates).flatMap((name) => ["-a", path(name)]), "-t", "-a", path("root"));
      // Without a database it would take the one in the user's home.
      const env = { ...process.env, HOME: path("") };
      const { status, stdout, stderr } = spawnSync("vfychain", args, { env, encoding: "utf8" });
      if (status === 0) return ACCEPTED;
      const errors = [...stderr.matchAll(/ERROR -\d+: (.*)/g)].map(([, text]) => text!);
      if (errors.length === 0) throw new Error(`vfychain: ${stdout}${stderr}`);
      return refused([...refusals, ...errors].join(" "));
    });
  },
};

/** Makes a database with CRLs, their issuers first, and returns what NSS says of those that it refuses. */
function fillDatabase(database: string[], authorities: string[], crlFiles: string[]): string[] {
  execFileSync("certutil", ["-N", ...database, "--empty-password"]);
  return [
    ...authorities.flatMap((input, position) =>
      complaints("certutil", ["-A", ...database, "-n", `ca${position}`, "-t", ",,", "-a"], input),
    ),
    ...crlFiles.flatMap((file) => complaints("crlutil", ["-I", ...database, "-i", file])),
  ];
}

function complaints(program: string, args: string[], input = ""): string[] {
  const { status, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
  return status === 0 ? [] : [stderr.trim()];
}

function numbered<T>(name: string, contents: T[]): Record<string, T> {
  return Object.fromEntries(contents.map((content, position) => [`${name}${position}`, content]));
}

/** YYMMDDHHMMZ */
function minuteOf(time: Date): string {
  return `${time.toISOString().replace(/\D/g, "").slice(2, 12)}Z`;
}
