import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { issue } from "../../../provider/x509/issue.ts";
import type { CertificateRequest, Validity } from "../../../provider/x509/request.ts";
import { openssl, verifyStrictly, x509 } from "../../openssl.ts";
import { type KeyPair, keyPair, QUICK_KEY_ALGORITHMS } from "../keys.ts";

const VALIDITY: Validity = { notBefore: new Date("2024-02-29T12:34:56Z"), notAfter: new Date("2124-01-01T00:00:00Z") };
const SUBJECT = { country: "CN", province: "Shanghai", organization: "Müller & Söhne", commonName: "x" };
const LEAF: Omit<CertificateRequest, "publicKeyPem" | "subject"> = {
  isCa: false,
  keyUsages: ["digitalSignature"],
  extendedKeyUsages: ["clientAuth"],
  dnsNames: [],
  ipAddresses: [],
};
const CA: typeof LEAF = { ...LEAF, isCa: true, keyUsages: ["keyCertSign", "cRLSign"], extendedKeyUsages: [] };

interface Issued extends KeyPair {
  certPem: string;
}

/** A certificate of the given kind for a new key, signed by `issuer` or by itself. */
async function issued(
  request: Partial<CertificateRequest>,
  issuer?: Issued,
  validity = VALIDITY,
  pair = keyPair(),
): Promise<Issued> {
  const asked = { ...LEAF, subject: SUBJECT, publicKeyPem: pair.publicKeyPem, ...request };
  return { ...pair, certPem: await issue(asked, issuer ?? { privateKeyPem: pair.privateKeyPem }, validity) };
}

const named = (commonName: string) => ({ subject: { commonName } });
const EXTENSIONS = ["-ext", "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName"];

describe("an issued certificate", () => {
  it.each(QUICK_KEY_ALGORITHMS)("is taken by OpenSSL's strict check in a chain of %s keys", async (algorithm) => {
    const make = (request: Partial<CertificateRequest>, issuer?: Issued) =>
      issued(request, issuer, VALIDITY, keyPair(algorithm));
    const root = await make({ ...CA, ...named("root") });
    const upper = await make({ ...CA, ...named("upper"), maxPathLength: 1 }, root);
    const lower = await make({ ...CA, ...named("lower"), maxPathLength: 0 }, upper);
    const server = { extendedKeyUsages: ["serverAuth" as const], dnsNames: ["*.lab.test"], ipAddresses: ["::1"] };
    const chain = [await make(server, lower), lower, upper].map(({ certPem }) => certPem);

    const purpose = ["-purpose", "sslserver", "-verify_hostname", "web.lab.test", "-auth_level", "2"];
    expect(verifyStrictly(root.certPem, chain, ...purpose)).toBe("leaf: OK\n");
  });

  it("says that it is a CA, and how many may follow: none is written as 0, no limit not at all", async () => {
    const root = await issued({ ...CA, ...named("root") });
    const lower = await issued({ ...CA, maxPathLength: 0 }, root);
    const usage = "X509v3 Key Usage: critical\n    Certificate Sign, CRL Sign\n";

    expect(x509(root.certPem, ...EXTENSIONS)).toBe(`X509v3 Basic Constraints: critical\n    CA:TRUE\n${usage}`);
    expect(x509(lower.certPem, ...EXTENSIONS)).toBe(
      `X509v3 Basic Constraints: critical\n    CA:TRUE, pathlen:0\n${usage}`,
    );
  });

  it("may not sign another CA below a path length of 0", async () => {
    const root = await issued({ ...CA, ...named("root") });
    const upper = await issued({ ...CA, ...named("upper"), maxPathLength: 0 }, root);
    const lower = await issued({ ...CA, ...named("lower") }, upper);
    const chain = [await issued({}, lower), lower, upper].map(({ certPem }) => certPem);

    expect(() => verifyStrictly(root.certPem, chain)).toThrow("path length constraint exceeded");
  });

  it("of a server says what it is for, and its names", async () => {
    const { certPem } = await issued({
      keyUsages: ["digitalSignature", "keyEncipherment"],
      extendedKeyUsages: ["serverAuth"],
      dnsNames: ["*.lab.test", "lab.test"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
    });

    expect(x509(certPem, ...EXTENSIONS)).toBe(`X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Key Usage: critical
    Digital Signature, Key Encipherment
X509v3 Extended Key Usage: 
    TLS Web Server Authentication
X509v3 Subject Alternative Name: 
    DNS:*.lab.test, DNS:lab.test, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1
`);
  });

  it("of a client has no names but its subject", async () => {
    const { certPem } = await issued({});

    expect(x509(certPem, ...EXTENSIONS)).toBe(`X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Client Authentication
`);
  });

  it("writes its subject in X.500 order, in UTF-8 but for the country, without what is empty", async () => {
    const subject = { ...SUBJECT, locality: "", organizationalUnit: "IT", commonName: "a, b\n" };
    const { certPem } = await issued({ subject });

    expect(x509(certPem, "-subject", "-nameopt", "RFC2253,show_type,-dn_rev")).toBe(
      "subject=C=PRINTABLESTRING:CN,ST=UTF8STRING:Shanghai,O=UTF8STRING:M\\C3\\BCller & S\\C3\\B6hne," +
        "OU=UTF8STRING:IT,CN=UTF8STRING:a\\, b\\0A\n",
    );
  });

  it("names its issuer, and points to its key as the issuer does", async () => {
    const root = await issued({ ...CA, ...named("root") });
    const { certPem } = await issued({}, root);
    const keyId = (pem: string, which: string) => /(?:[\dA-F]{2}:){19}[\dA-F]{2}/.exec(x509(pem, "-ext", which))![0];

    expect(x509(certPem, "-issuer", "-nameopt", "RFC2253")).toBe("issuer=CN=root\n");
    expect(keyId(certPem, "authorityKeyIdentifier")).toBe(keyId(root.certPem, "subjectKeyIdentifier"));
    expect(keyId(root.certPem, "authorityKeyIdentifier")).toBe(keyId(root.certPem, "subjectKeyIdentifier"));
    expect(keyId(certPem, "subjectKeyIdentifier")).not.toBe(keyId(root.certPem, "subjectKeyIdentifier"));
  });

  it("points to the key identifier of a CA that chose its own", async () => {
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-"];
    const chosen = ["-subj", "/CN=ca", "-addext", "subjectKeyIdentifier=DE:AD:BE:EF"];
    const [privateKeyPem, certPem] = openssl(["req", "-x509", ...newKey, ...chosen]).split(/(?=-----BEGIN CERT)/);
    const leaf = await issued({}, { privateKeyPem: privateKeyPem!, publicKeyPem: "", certPem: certPem! });

    expect(x509(leaf.certPem, "-ext", "authorityKeyIdentifier")).toMatch(/\n {4}(?:keyid:)?DE:AD:BE:EF\n/);
  });

  it("is valid from the one second to the other, beyond 2050 too", async () => {
    const { certPem } = await issued({});

    expect(x509(certPem, "-startdate", "-enddate", "-dateopt", "iso_8601")).toBe(
      "notBefore=2024-02-29 12:34:56Z\nnotAfter=2124-01-01 00:00:00Z\n",
    );
  });

  it("has a serial number of 16 octets, positive, and its own", async () => {
    const pair = keyPair();
    const certs = await Promise.all(Array.from({ length: 100 }, () => issued({}, undefined, VALIDITY, pair)));
    const serials = certs.map(({ certPem }) => new X509Certificate(certPem).serialNumber);

    expect(new Set(serials).size).toBe(100);
    expect(serials.filter((serial) => !/^[4-7][\dA-F]{31}$/.test(serial))).toEqual([]);
  });

  it.each([
    ["P-256", "ecdsa-with-SHA256"],
    ["P-384", "ecdsa-with-SHA384"],
    ["P-521", "ecdsa-with-SHA512"],
    ["RSA-2048", "sha256WithRSAEncryption"],
    ["Ed25519", "ED25519"],
  ] as const)("signed with a %s key has the signature algorithm %s", async (algorithm, signature) => {
    const issuer = await issued({ ...CA, ...named("root") }, undefined, VALIDITY, keyPair(algorithm));
    const { certPem } = await issued({}, issuer);

    expect(x509(certPem, "-text")).toContain(`Signature Algorithm: ${signature}\n`);
  });

  it("ends in one newline, so that certificates can be put one after the other", async () => {
    const { certPem } = await issued({});

    expect(certPem).toMatch(/^-----BEGIN CERTIFICATE-----\n(?:[\w+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/);
  });
});
