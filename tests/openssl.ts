import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `openssl` on a text and returns what it prints. Throws with its words if it fails. */
export function openssl(args: string[], input: string | Buffer = ""): string {
  return execFileSync("openssl", args, { input, encoding: "utf8", stdio: "pipe" });
}

/** What `openssl x509` prints of a certificate. */
export function x509(certPem: string, ...args: string[]): string {
  return openssl(["x509", "-noout", ...args], certPem);
}

/** Runs `openssl verify` by the letter of RFC 5280: `root` is trusted, `chain` is the certificate and what is sent with it. */
export function verifyStrictly(root: string, chain: string[], ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-verify-"));
  try {
    const [leaf, ...intermediates] = chain;
    const files = { root, leaf: leaf!, intermediates: intermediates.join("") };
    for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem);
    const untrusted = intermediates.length > 0 ? ["-untrusted", join(folder, "intermediates")] : [];
    const given = ["-CAfile", join(folder, "root"), ...untrusted, ...args, join(folder, "leaf")];
    return openssl(["verify", "-x509_strict", "-check_ss_sig", ...given]).replaceAll(`${folder}/`, "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
