/** Chains of certificates as the components make them, sound ones and some with one fault each, as questions to verifiers. */
import { X509Certificate } from "node:crypto";

import { CA_KEY_USAGES } from "../../../components/ca.ts";
import type { KeyAlgorithm } from "../../../rules/key-algorithms.ts";
import { leafKeyUsages } from "../../../components/key.ts";
import { issueCrl } from "../../../provider/x509/crl.ts";
import type { KeyUsage } from "../../../provider/x509/request.ts";
import { type Identity, identity, type IdentityRequest, inDays } from "../../test-pki.ts";
import { certificatesOf } from "../../verifiers/pem.ts";
import type { Verification } from "../../verifiers/verifier.ts";
import type { Fault } from "./verdicts.ts";

type Request = Partial<IdentityRequest>;

const CA = { isCa: true, keyUsages: CA_KEY_USAGES as KeyUsage[], extendedKeyUsages: [], toDay: 10 };
const SERVER = { extendedKeyUsages: ["serverAuth"], dnsNames: ["*.lab.test"], ipAddresses: ["192.0.2.1"] };
/** Everything that a certificate can say beyond what it must. */
const EXTRAS: Request = {
  crlDistributionPoints: ["http://pki.lab.test/ca.crl"],
  caIssuers: ["http://pki.lab.test/ca.crt"],
  ocspResponders: ["http://pki.lab.test/ocsp"],
  // TLS feature status_request (RFC 7633), and one of our own with a UTF8String.
  extensions: [
    { oid: "1.3.6.1.5.5.7.1.24", valueBase64: "MAMCAQU=" },
    { oid: "1.3.6.1.4.1.32473.1", valueBase64: "DANsYWI=" },
  ],
};
const CONSTRAINTS = {
  permitted: {
    dnsNames: ["lab.test"],
    ipRanges: ["192.0.2.0/24", "2001:db8::/32"],
    emailAddresses: ["lab.test", "root@other.test"],
  },
  excluded: { dnsNames: ["secret.lab.test"], ipRanges: ["192.0.2.128/25"], emailAddresses: ["mallory@lab.test"] },
};

const named = (commonName: string) => ({ subject: { organization: "Jack-GM", commonName } });
const ca = (commonName: string, request: Request = {}, issuer?: Identity) =>
  identity({ ...CA, ...named(commonName), ...request }, issuer);
export const server = (issuer: Identity, request: Request = {}) =>
  identity({ ...SERVER, ...named("web.lab.test"), ...request }, issuer);
const client = (issuer: Identity, request: Request = {}) => identity({ ...named("alice"), ...request }, issuer);
export const rootCa = (request: Request = {}) => ca("Root CA", request);

/** A question about an identity whose chain leads to `root`. */
export function about(holder: Identity, root: Identity, rest: Partial<Verification> = {}): Verification {
  return { chain: certificatesOf(holder.chainPem), root: root.certPem, purpose: "sslserver", ...rest };
}

/** A CA's CRL, in force from `fromDay` to `toDay`. */
function crl(issuer: Identity, revoked: Identity[], { fromDay = -1, toDay = 1, key = issuer } = {}): Promise<string> {
  const entries = revoked.map(({ certPem }) => ({
    serialNumber: new X509Certificate(certPem).serialNumber,
    reason: "keyCompromise" as const,
    revokedAt: inDays(fromDay).toISOString(),
  }));
  const request = { number: 7, thisUpdate: inDays(fromDay), nextUpdate: inDays(toDay), entries };
  return issueCrl(request, { privateKeyPem: key.privateKeyPem, certPem: issuer.certPem });
}

/** Each kind of chain that the components make, with a question that it must pass. */
export async function soundChains(algorithm: KeyAlgorithm): Promise<Record<string, Verification>> {
  const leaf = { keyAlgorithm: algorithm, keyUsages: leafKeyUsages(algorithm, "serverAuth") as KeyUsage[] };
  const person = { keyAlgorithm: algorithm, keyUsages: leafKeyUsages(algorithm, "clientAuth") as KeyUsage[] };
  const root = await rootCa({ keyAlgorithm: algorithm });
  const only = await ca("Only CA", { keyAlgorithm: algorithm, maxPathLength: 0 }, root);
  const upper = await ca("Upper CA", { keyAlgorithm: algorithm, maxPathLength: 1 }, root);
  const lower = await ca("Lower CA", { keyAlgorithm: algorithm, maxPathLength: 0 }, upper);
  const dnsNames = ["*.lab.test", "lab.test"];
  const ipAddresses = ["192.0.2.1", "2001:db8::1"];
  const web = await server(lower, { ...leaf, dnsNames, ipAddresses });
  const alice = await client(lower, person);
  const full = await ca("Full CA", { keyAlgorithm: algorithm, nameConstraints: CONSTRAINTS, ...EXTRAS }, root);
  const fullWeb = await server(full, { ...leaf, dnsNames: ["web.lab.test", "lab.test"], ipAddresses, ...EXTRAS });
  const limited = await rootCa({ keyAlgorithm: algorithm, nameConstraints: { permitted: CONSTRAINTS.permitted } });
  const names = { emailAddresses: ["alice@lab.test", "root@other.test"], uris: ["spiffe://lab.test/alice"] };
  const fullAlice = await client(full, { ...person, ...named("Alice Smith"), ...names, ...EXTRAS });
  const crls = [await crl(root, [only]), await crl(upper, []), await crl(lower, [await client(lower, person)])];
  return {
    "a server below the root": about(await server(root, leaf), root, { name: "web.lab.test" }),
    "a server below an intermediate": about(await server(only, leaf), root, { name: "web.lab.test" }),
    "a server below two intermediates, by its wildcard": about(web, root, { name: "web.lab.test" }),
    "the same server by its name": about(web, root, { name: "lab.test" }),
    "the same server by its IPv4 address": about(web, root, { name: "192.0.2.1" }),
    "the same server by its IPv6 address": about(web, root, { name: "2001:db8::1" }),
    "the same server, which no CRL names": about(web, root, { crls }),
    "a client below the root": about(await client(root, person), root, { purpose: "sslclient" }),
    "a client below an intermediate": about(await client(only, person), root, { purpose: "sslclient" }),
    "a client below two intermediates": about(alice, root, { purpose: "sslclient" }),
    "the same client, which no CRL names": about(alice, root, { purpose: "sslclient", crls }),
    "a server with every extension, below name constraints": about(fullWeb, root, { name: "web.lab.test" }),
    "a client with every extension, below name constraints": about(fullAlice, root, { purpose: "sslclient" }),
    "a server below a root with name constraints": about(await server(limited, leaf), limited, {
      name: "web.lab.test",
    }),
    "a client below a root with name constraints": about(await client(limited, person), limited, {
      purpose: "sslclient",
    }),
  };
}

/** Chains with one fault each. */
export async function faultyChains(): Promise<Record<Fault, Verification>> {
  const root = await rootCa();
  const issuing = await ca("Issuing CA", { maxPathLength: 0 }, root);
  const tooDeep = await ca("Too deep CA", {}, issuing);
  const expired = await ca("Expired CA", { fromDay: -4, toDay: -2 }, root);
  const noSigner = await ca("CRL CA", { keyUsages: ["cRLSign"] }, root);
  const noCa = await ca("No CA", { isCa: false }, root);
  const web = await server(issuing);
  const alice = await client(issuing);
  const asked = (name: string) => about(web, root, { name });
  const constrained = await ca("Constrained CA", { nameConstraints: CONSTRAINTS }, root);
  const constrainedRoot = await rootCa({ nameConstraints: CONSTRAINTS });
  const onlyIpv4 = await ca("IPv4 CA", { nameConstraints: { permitted: { ipRanges: ["192.0.2.0/24"] } } }, root);
  const onlyDns = await ca("DNS CA", { nameConstraints: { permitted: { dnsNames: ["lab.test"] } } }, root);
  const serverNamed = async (names: Request) =>
    about(await server(constrained, { dnsNames: ["web.lab.test"], ipAddresses: [], ...names }), root);
  const clientBelow = async (issuer: Identity, names: Request) =>
    about(await client(issuer, { ...named("Alice Smith"), ...names }), root, { purpose: "sslclient" });
  const [rootCrl, issuingCrl] = [await crl(root, []), await crl(issuing, [])];
  const withCrls = (...crls: string[]) => about(web, root, { crls });
  const unknown = { oid: "1.3.6.1.4.1.32473.1", critical: true, valueBase64: "DANsYWI=" };
  return {
    "more CAs than the path length allows": about(await server(tooDeep), root),
    "a leaf that has expired": about(await server(issuing, { fromDay: -4, toDay: -2 }), root),
    "an intermediate that has expired": about(await server(expired), root),
    "a leaf that is not valid yet": about(await server(issuing, { fromDay: 2, toDay: 4 }), root),
    "a client's certificate for a server": about(alice, root, { purpose: "sslserver" }),
    "a server's certificate for a client": about(web, root, { purpose: "sslclient" }),
    "a CA that may not sign certificates": about(await server(noSigner), root),
    "an issuer that is no CA": about(await server(noCa), root),
    "a chain without its intermediate": { ...about(web, root), chain: [web.certPem] },
    "a root that nobody trusts": about(web, await ca("Other Root CA")),
    "a root of the same name with another key": about(web, await rootCa()),
    "another domain": asked("web.other.test"),
    "the bare domain of a wildcard": asked("lab.test"),
    "two labels for a wildcard": asked("a.b.lab.test"),
    "another address": asked("192.0.2.2"),
    "an extension that is critical and unknown": about(await server(issuing, { extensions: [unknown] }), root),
    "a DNS name outside the permitted ones": await serverNamed({ dnsNames: ["lab.test.other"] }),
    "a DNS name in an excluded one": await serverNamed({ dnsNames: ["a.secret.lab.test"] }),
    "an address outside the permitted networks": await serverNamed({ ipAddresses: ["198.51.100.1"] }),
    "an address in an excluded network": await serverNamed({ ipAddresses: ["192.0.2.128"] }),
    "an IPv6 address outside the permitted networks": await serverNamed({ ipAddresses: ["2001:db9::1"] }),
    "a mailbox outside the permitted ones": await clientBelow(constrained, { emailAddresses: ["alice@other.test"] }),
    "a mailbox that is excluded": await clientBelow(constrained, { emailAddresses: ["mallory@lab.test"] }),
    "a name that the root's own constraints forbid": about(
      await server(constrainedRoot, { dnsNames: ["lab.test.other"] }),
      constrainedRoot,
    ),
    "an IPv6 address where only IPv4 networks are permitted": about(
      await server(onlyIpv4, { ipAddresses: ["2001:db8::1"] }),
      root,
    ),
    "a mailbox of a host below a permitted host": await clientBelow(constrained, {
      emailAddresses: ["alice@mail.lab.test"],
    }),
    "a wildcard that covers an excluded name": await serverNamed({ dnsNames: ["*.lab.test"] }),
    "a common name of one word, and no DNS name, outside the permitted ones": await clientBelow(
      onlyDns,
      named("alice"),
    ),
    "a common name with a dot, and no DNS name, outside the permitted ones": await clientBelow(
      onlyDns,
      named("alice.smith"),
    ),
    "a leaf that is revoked": withCrls(rootCrl, await crl(issuing, [web])),
    "an intermediate that is revoked": withCrls(await crl(root, [issuing]), issuingCrl),
    "a CRL that is over": withCrls(rootCrl, await crl(issuing, [], { fromDay: -4, toDay: -2 })),
    "a CRL with another key's signature": withCrls(rootCrl, await crl(issuing, [], { key: root })),
    "no CRL for the intermediate": withCrls(issuingCrl),
  };
}
