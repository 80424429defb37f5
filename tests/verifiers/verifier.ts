/** A question to a verifier: does this chain lead to that root, and may its first certificate do this? */
export interface Verification {
  /** The certificate in question, then what its holder sends with it. PEM. */
  chain: string[];
  /** The one certificate that is trusted, PEM. */
  root: string;
  purpose: Purpose;
  /** DNS name or IP address that the first certificate must be for. */
  name?: string;
  /** The CRLs at hand, PEM. Where they are given, they must speak for every certificate of the chain. */
  crls?: string[];
  /** @default - now */
  at?: Date;
}

/** In the words of `openssl verify -purpose`. */
export type Purpose = "sslclient" | "sslserver";

export interface Verdict {
  accepted: boolean;
  /** Why not, in the verifier's own words; empty where it accepts. */
  reason: string;
}

/** A program or library of others that decides on certificate chains. */
export interface Verifier {
  verify(verification: Verification): Promise<Verdict>;
}

/** What a linter says of a certificate or CRL. Notices and what is less are left out. */
export interface Finding {
  severity: "error" | "warning";
  /** The linter's own name for it. */
  id: string;
}

/** A program of others that reads a certificate or CRL against the rules for those who issue. */
export interface Linter {
  /** @param issuerPem certificate of the issuer, for linters that compare the two. */
  lint(pem: string, issuerPem: string): Promise<Finding[]>;
}

export const ACCEPTED: Verdict = { accepted: true, reason: "" };

export function refused(reason: string): Verdict {
  return { accepted: false, reason };
}
