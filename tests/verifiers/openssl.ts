import { isIP } from "node:net";

import { verifyStrictly } from "../openssl.ts";
import { withFiles } from "./scratch.ts";
import { ACCEPTED, refused, type Verification, type Verifier } from "./verifier.ts";

/** `openssl verify -x509_strict`, see openssl-verification-options(1). */
export const openssl: Verifier = {
  verify({ chain, root, purpose, name, crls, at }: Verification) {
    return withFiles({ crls: crls?.join("") ?? "" }, (path) => {
      const args = ["-purpose", purpose];
      if (name !== undefined) args.push(isIP(name) === 0 ? "-verify_hostname" : "-verify_ip", name);
      if (crls !== undefined) args.push("-crl_check_all");
      if (crls !== undefined && crls.length > 0) args.push("-CRLfile", path("crls"));
      if (at !== undefined) args.push("-attime", String(at.getTime() / 1000));
      try {
        verifyStrictly(root, chain, ...args);
        return ACCEPTED;
      } catch (error) {
        const reasons = (error as Error).message.matchAll(/^error \d+ at (?<depth>\d+) depth lookup: (?<text>.*)$/gm);
        const text = [...reasons].map(({ groups }) => `${groups!.text} at depth ${groups!.depth}`).join(", ");
        if (text === "") throw error;
        return refused(text);
      }
    });
  },
};
