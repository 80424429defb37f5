import { spawnSync } from "node:child_process";

import { withFiles } from "./scratch.ts";
import { ACCEPTED, type Purpose, refused, type Verification, type Verifier } from "./verifier.ts";

/** RFC 5280, 4.2.1.12. */
const PURPOSE_OIDS: Record<Purpose, string> = { sslserver: "1.3.6.1.5.5.7.3.1", sslclient: "1.3.6.1.5.5.7.3.2" };

/**
 * `certtool --verify`, see certtool(1). The profile medium asks for 112 bits: RSA of 2048, and no SHA-1.
 * It knows no other time than now.
 */
export const gnutls: Verifier = {
  verify({ chain, root, purpose, name, crls = [], at }: Verification) {
    if (at !== undefined) throw new Error("certtool verifies at no other time than now");
    return withFiles({ root, chain: chain.join(""), crls: crls.join("") }, (path) => {
      const args = ["--verify", "--verify-profile", "medium", "--load-ca-certificate", path("root")];
      args.push("--infile", path("chain"), "--verify-purpose", PURPOSE_OIDS[purpose]);
      if (name !== undefined) args.push("--verify-hostname", name);
      if (crls.length > 0) args.push("--load-crl", path("crls"));
      const { stdout, stderr } = spawnSync("certtool", args, { encoding: "utf8" });
      const verdict = /^Chain verification output: (Not verified\. The certificate is NOT trusted|Verified)\. (.*)$/m;
      const [, status, text] = verdict.exec(stdout) ?? [];
      if (status === undefined) throw new Error(`certtool: ${stderr}`);
      return status === "Verified" ? ACCEPTED : refused(text!.trim());
    });
  },
};
