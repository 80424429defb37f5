import { LineProgram } from "./line-program.ts";
import { derOf } from "./pem.ts";
import { ACCEPTED, refused, type Verification, type Verifier } from "./verifier.ts";

/**
 * A verifier that is a library, in a program of ours that reads one question a line: purpose, name, time (RFC 3339),
 * root, chain and CRLs, with tabs between them; certificates and CRLs as DER in base64, with spaces between them; the word
 * `unchecked` instead of CRLs where revocation does not count. Its answer is an empty line, or why not.
 */
export class ChainProgram extends LineProgram implements Verifier {
  async verify({ chain, root, purpose, name = "", crls, at = new Date() }: Verification) {
    const fields = [purpose, name, `${at.toISOString().slice(0, 19)}Z`, base64(root), chain.map(base64).join(" ")];
    const reason = await this.ask([...fields, crls?.map(base64).join(" ") ?? "unchecked"].join("\t"));
    return reason === "" ? ACCEPTED : refused(reason);
  }
}

const base64 = (pem: string) => derOf(pem).toString("base64");
