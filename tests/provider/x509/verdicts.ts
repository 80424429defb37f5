/** What others must say of the certificates that we make, and where they differ. */
import type { KeyAlgorithm } from "../../../components/key-algorithm.ts";
import type { VerifierName } from "../../verifiers/all.ts";

/** Words of a refusal; or that a verifier accepts all the same, and why. */
export type Verdict = string | { acceptsBecause: string };

/** Keys that a verifier does not know yet, and how it says it. */
export const UNKNOWN_KEYS: Partial<Record<VerifierName, Partial<Record<KeyAlgorithm, RegExp>>>> = {
  // EdDSA came with NSS 3.99.
  nss: { Ed25519: /^(?:Certificate key usage inadequate for attempted operation|Unrecognized Object Identifier)\.$/ },
};

const acceptsBecause = (why: string) => ({ acceptsBecause: why });
const NO_NAMES = acceptsBecause("vfychain compares no names");

/** Each rule that a chain can break, and how the verifiers say it. The same chain without the fault is accepted by all. */
export const REFUSALS = {
  "more CAs than the path length allows": {
    openssl: "path length constraint exceeded",
    gnutls: "The certificate chain violates the signer's constraints.",
    nss: "Certificate path length constraint is invalid.",
    go: "x509: too many intermediates for path length constraint",
    java: "PATH_TOO_LONG: ",
  },
  "a leaf that has expired": {
    openssl: "certificate has expired at depth 0",
    gnutls: "The certificate chain uses expired certificate.",
    nss: "Peer's Certificate has expired.",
    go: "x509: certificate has expired or is not yet valid: ",
    java: "NotAfter: ",
  },
  "an intermediate that has expired": {
    openssl: "certificate has expired at depth 1",
    gnutls: "The certificate chain uses expired certificate.",
    nss: "Peer's Certificate issuer is not recognized.",
    go: "x509: certificate has expired or is not yet valid: ",
    java: "NotAfter: ",
  },
  "a leaf that is not valid yet": {
    openssl: "certificate is not yet valid at depth 0",
    gnutls: "The certificate chain uses not yet valid certificate.",
    nss: "Peer's Certificate has expired.",
    go: "x509: certificate has expired or is not yet valid: ",
    java: "NotBefore: ",
  },
  "a client's certificate for a server": {
    openssl: "unsuitable certificate purpose at depth 0",
    gnutls: "The certificate chain does not match the intended purpose.",
    nss: "Certificate type not approved for application.",
    go: "x509: certificate specifies an incompatible key usage",
    java: "Extended key usage does not permit use for TLS server authentication",
  },
  "a server's certificate for a client": {
    openssl: "unsuitable certificate purpose at depth 0",
    gnutls: "The certificate chain does not match the intended purpose.",
    nss: "Certificate type not approved for application.",
    go: "x509: certificate specifies an incompatible key usage",
    java: "Extended key usage does not permit use for TLS client authentication",
  },
  "a CA that may not sign certificates": {
    openssl: "key usage does not include certificate signing",
    gnutls: "The certificate chain violates the signer's constraints.",
    nss: "Certificate key usage inadequate for attempted operation.",
    go: "x509: invalid signature: parent certificate cannot sign this kind of certificate",
    java: "INVALID_KEY_USAGE: ",
  },
  "an issuer that is no CA": {
    openssl: "invalid CA certificate",
    gnutls: "The certificate issuer is not a CA.",
    nss: "Issuer certificate is invalid.",
    go: "x509: invalid signature: parent certificate cannot sign this kind of certificate",
    java: "NOT_CA_CERT: ",
  },
  "a chain without its intermediate": {
    openssl: "unable to get local issuer certificate",
    gnutls: "The certificate issuer is unknown.",
    nss: "Peer's Certificate issuer is not recognized.",
    go: "x509: certificate signed by unknown authority",
    java: "unable to find valid certification path to requested target",
  },
  "a root that nobody trusts": {
    openssl: "unable to get local issuer certificate",
    gnutls: "The certificate issuer is unknown.",
    nss: "Peer's Certificate issuer is not recognized.",
    go: "x509: certificate signed by unknown authority",
    java: "unable to find valid certification path to requested target",
  },
  "a root of the same name with another key": {
    openssl: "unable to get local issuer certificate",
    gnutls: "The certificate issuer is unknown.",
    nss: "Certificate extension not found.",
    go: "x509: certificate signed by unknown authority",
    java: "NO_TRUST_ANCHOR: ",
  },
  "another domain": {
    openssl: "hostname mismatch",
    gnutls: "The name in the certificate does not match the expected.",
    nss: NO_NAMES,
    go: "x509: certificate is valid for *.lab.test, not web.other.test",
    java: "No subject alternative DNS name matching web.other.test found.",
  },
  "the bare domain of a wildcard": {
    openssl: "hostname mismatch",
    gnutls: "The name in the certificate does not match the expected.",
    nss: NO_NAMES,
    go: "x509: certificate is valid for *.lab.test, not lab.test",
    java: "No subject alternative DNS name matching lab.test found.",
  },
  "two labels for a wildcard": {
    openssl: "hostname mismatch",
    gnutls: "The name in the certificate does not match the expected.",
    nss: NO_NAMES,
    go: "x509: certificate is valid for *.lab.test, not a.b.lab.test",
    java: "No subject alternative DNS name matching a.b.lab.test found.",
  },
  "another address": {
    openssl: "IP address mismatch",
    gnutls: "The name in the certificate does not match the expected.",
    nss: NO_NAMES,
    go: "x509: certificate is valid for 192.0.2.1, not 192.0.2.2",
    java: "No subject alternative names matching IP address 192.0.2.2 found",
  },
} as const satisfies Record<string, Record<VerifierName, Verdict>>;

export type Fault = keyof typeof REFUSALS;
