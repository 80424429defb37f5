/** What others say of chains in which something is wrong, and where they differ. */
import type { KeyAlgorithm } from "../../../rules/key-algorithms.ts";
import type { VerifierName } from "../../verifiers/all.ts";

/** Words of a refusal; or that a verifier accepts all the same, and why. */
export type Verdict = string | { acceptsBecause: string };

/** Keys that a verifier does not know yet, and how it says it. */
export const UNKNOWN_KEYS: Partial<Record<VerifierName, Partial<Record<KeyAlgorithm, RegExp>>>> = {
  // EdDSA came with NSS 3.99.
  nss: { Ed25519: /(?:Certificate key usage inadequate for attempted operation|Unrecognized Object Identifier)\.$/ },
};

const acceptsBecause = (why: string) => ({ acceptsBecause: why });
const NO_NAMES = acceptsBecause("vfychain compares no names");
const NO_COMMON_NAME = acceptsBecause("it takes no common name for a DNS name");
const NO_WILDCARDS = acceptsBecause("RFC 5280, 4.2.1.10 speaks of no wildcards");

const OVER = {
  gnutls: "The certificate chain uses expired certificate.",
  go: "x509: certificate has expired or is not yet valid: ",
  java: "NotAfter: ",
};
const OTHER_PURPOSE = {
  openssl: "unsuitable certificate purpose at depth 0",
  gnutls: "The certificate chain does not match the intended purpose.",
  nss: "Certificate type not approved for application.",
  go: "x509: certificate specifies an incompatible key usage",
};
const UNKNOWN_ISSUER = {
  openssl: "unable to get local issuer certificate",
  gnutls: "The certificate issuer is unknown.",
  nss: "Peer's Certificate issuer is not recognized.",
  go: "x509: certificate signed by unknown authority",
  java: "unable to find valid certification path to requested target",
};
const OTHER_NAME = {
  openssl: "hostname mismatch",
  gnutls: "The name in the certificate does not match the expected.",
  nss: NO_NAMES,
};
const NOT_PERMITTED = {
  openssl: "permitted subtree violation at depth 0",
  gnutls: "The certificate chain violates the signer's constraints.",
  nss: "security library: invalid arguments.",
  java: "INVALID_NAME: name constraints check failed",
};
const EXCLUDED = { ...NOT_PERMITTED, openssl: "excluded subtree violation at depth 0" };
const REVOKED = {
  gnutls: "The certificate chain is revoked.",
  nss: "Peer's Certificate has been revoked.",
  java: "Certificate has been revoked, reason: KEY_COMPROMISE, ",
};

/** Without the fault the same chain is accepted by all. */
export const REFUSALS = {
  "more CAs than the path length allows": {
    openssl: "path length constraint exceeded",
    gnutls: "The certificate chain violates the signer's constraints.",
    nss: "Certificate path length constraint is invalid.",
    go: "x509: too many intermediates for path length constraint",
    java: "PATH_TOO_LONG: ",
  },
  "a leaf that has expired": {
    ...OVER,
    openssl: "certificate has expired at depth 0",
    nss: "Peer's Certificate has expired.",
  },
  "an intermediate that has expired": {
    ...OVER,
    openssl: "certificate has expired at depth 1",
    nss: "Peer's Certificate issuer is not recognized.",
  },
  "a leaf that is not valid yet": {
    openssl: "certificate is not yet valid at depth 0",
    gnutls: "The certificate chain uses not yet valid certificate.",
    nss: "Peer's Certificate has expired.",
    go: "x509: certificate has expired or is not yet valid: ",
    java: "NotBefore: ",
  },
  "a client's certificate for a server": {
    ...OTHER_PURPOSE,
    java: "Extended key usage does not permit use for TLS server authentication",
  },
  "a server's certificate for a client": {
    ...OTHER_PURPOSE,
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
  "an extension that is critical and unknown": {
    openssl: "unhandled critical extension",
    gnutls: "The certificate contains an unknown critical extension.",
    nss: "Certificate contains unknown critical extension.",
    go: "x509: unhandled critical extension",
    java: "UNRECOGNIZED_CRIT_EXT: ",
  },
  "a chain without its intermediate": UNKNOWN_ISSUER,
  "a root that nobody trusts": UNKNOWN_ISSUER,
  "a root of the same name with another key": {
    ...UNKNOWN_ISSUER,
    nss: "Certificate extension not found.",
    java: "NO_TRUST_ANCHOR: ",
  },

  "another domain": {
    ...OTHER_NAME,
    go: "x509: certificate is valid for *.lab.test, not web.other.test",
    java: "No subject alternative DNS name matching web.other.test found.",
  },
  "the bare domain of a wildcard": {
    ...OTHER_NAME,
    go: "x509: certificate is valid for *.lab.test, not lab.test",
    java: "No subject alternative DNS name matching lab.test found.",
  },
  "two labels for a wildcard": {
    ...OTHER_NAME,
    go: "x509: certificate is valid for *.lab.test, not a.b.lab.test",
    java: "No subject alternative DNS name matching a.b.lab.test found.",
  },
  "another address": {
    ...OTHER_NAME,
    openssl: "IP address mismatch",
    go: "x509: certificate is valid for 192.0.2.1, not 192.0.2.2",
    java: "No subject alternative names matching IP address 192.0.2.2 found",
  },

  "a DNS name outside the permitted ones": { ...NOT_PERMITTED, go: 'DNS name "lab.test.other" is not permitted' },
  "a DNS name in an excluded one": { ...EXCLUDED, go: 'DNS name "a.secret.lab.test" is excluded' },
  "an address outside the permitted networks": { ...NOT_PERMITTED, go: 'IP address "198.51.100.1" is not permitted' },
  "an address in an excluded network": { ...EXCLUDED, go: 'IP address "192.0.2.128" is excluded' },
  "an IPv6 address outside the permitted networks": {
    ...NOT_PERMITTED,
    go: 'IP address "2001:db9::1" is not permitted',
  },
  "an IPv6 address where only IPv4 networks are permitted": {
    ...NOT_PERMITTED,
    gnutls: acceptsBecause("to it each version of IP is a kind of name of its own"),
    go: 'IP address "2001:db8::1" is not permitted',
  },
  "a mailbox outside the permitted ones": { ...NOT_PERMITTED, go: 'email address "alice@other.test" is not permitted' },
  "a mailbox that is excluded": { ...EXCLUDED, go: 'email address "mallory@lab.test" is excluded' },
  "a mailbox of a host below a permitted host": {
    ...NOT_PERMITTED,
    go: acceptsBecause("it reads a host as a domain, as in DNS names"),
  },
  "a name that the root's own constraints forbid": {
    ...NOT_PERMITTED,
    go: 'DNS name "lab.test.other" is not permitted',
    java: acceptsBecause("a TrustAnchor takes constraints from its maker, not from the certificate (RFC 5280, 6.1.1)"),
  },
  "a wildcard that covers an excluded name": {
    openssl: NO_WILDCARDS,
    gnutls: NO_WILDCARDS,
    nss: NO_WILDCARDS,
    go: 'DNS name "*.lab.test" is excluded',
    java: NO_WILDCARDS,
  },
  "a common name with a dot, and no DNS name, outside the permitted ones": {
    ...NOT_PERMITTED,
    gnutls: NO_COMMON_NAME,
    nss: NO_COMMON_NAME,
    go: NO_COMMON_NAME,
  },
  "a common name of one word, and no DNS name, outside the permitted ones": {
    openssl: acceptsBecause("it takes a common name for a DNS name only if there is a dot in it"),
    gnutls: NO_COMMON_NAME,
    nss: NO_COMMON_NAME,
    go: NO_COMMON_NAME,
    java: NOT_PERMITTED.java,
  },

  "a leaf that is revoked": {
    ...REVOKED,
    openssl: "certificate revoked at depth 0",
    go: "CN=web.lab.test,O=Jack-GM is revoked",
  },
  "an intermediate that is revoked": {
    ...REVOKED,
    openssl: "certificate revoked at depth 1",
    go: "CN=Issuing CA,O=Jack-GM is revoked",
  },
  "a CRL that is over": {
    openssl: "CRL has expired at depth 0",
    gnutls: acceptsBecause("certtool heeds no nextUpdate"),
    nss: acceptsBecause("a CRL in its database counts until there is a newer one"),
    go: "the CRL of CN=Issuing CA,O=Jack-GM is not current",
    java: "UNDETERMINED_REVOCATION_STATUS: ",
  },
  "a CRL with another key's signature": {
    openssl: "CRL signature failure at depth 0",
    gnutls: acceptsBecause("certtool checks no signature of a CRL"),
    nss: "SEC_ERROR_CRL_BAD_SIGNATURE: ",
    go: "x509: ECDSA verification failure",
    java: "UNDETERMINED_REVOCATION_STATUS: ",
  },
  "no CRL for the intermediate": {
    openssl: "unable to get certificate CRL at depth 1",
    gnutls: acceptsBecause("certtool demands no CRL"),
    nss: "Peer's Certificate has been revoked.",
    go: "no CRL of CN=Root CA,O=Jack-GM",
    java: "UNDETERMINED_REVOCATION_STATUS: ",
  },
} as const satisfies Record<string, Record<VerifierName, Verdict>>;

export type Fault = keyof typeof REFUSALS;
