import { beforeAll, describe, expect, it } from "@jest/globals";

import { keyUsageFlags, nameConstraintsDer, nameConstraintsFrom } from "../../../provider/x509/extensions.ts";
import { issue } from "../../../provider/x509/issue.ts";
import type { CertificateRequest, KeyUsage } from "../../../provider/x509/request.ts";
import type { NameConstraints } from "../../../rules/name-constraints.ts";
import { verifyStrictly, x509 } from "../../openssl.ts";
import { type KeyPair, keyPair } from "../keys.ts";

const VALIDITY = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };

let key: KeyPair;
let caPem: string;

beforeAll(async () => {
  key = keyPair();
  caPem = await issue(asked({ isCa: true, keyUsages: ["keyCertSign"] }), key, VALIDITY);
});

function asked(request: Partial<CertificateRequest>): CertificateRequest {
  return {
    subject: { commonName: "x" },
    publicKeyPem: key.publicKeyPem,
    isCa: false,
    keyUsages: ["digitalSignature"],
    extendedKeyUsages: [],
    dnsNames: [],
    ipAddresses: [],
    ...request,
  };
}

/** What OpenSSL prints of one extension of a certificate with this in it. */
async function printed(extension: string, request: Partial<CertificateRequest>): Promise<string> {
  return x509(await issue(asked(request), key, VALIDITY), "-ext", extension);
}

describe("an extension, as OpenSSL prints it", () => {
  it.each<[KeyUsage, string]>([
    ["digitalSignature", "Digital Signature"],
    ["nonRepudiation", "Non Repudiation"],
    ["keyEncipherment", "Key Encipherment"],
    ["dataEncipherment", "Data Encipherment"],
    ["keyAgreement", "Key Agreement"],
    ["keyCertSign", "Certificate Sign"],
    ["cRLSign", "CRL Sign"],
    ["encipherOnly", "Encipher Only"],
    ["decipherOnly", "Decipher Only"],
  ])("keyUsage %s is %s", async (usage, words) => {
    expect(await printed("keyUsage", { keyUsages: [usage] })).toBe(`X509v3 Key Usage: critical\n    ${words}\n`);
  });

  it("keyUsage has the bits of all that it is given", () => {
    expect(keyUsageFlags(["decipherOnly", "digitalSignature", "cRLSign"])).toBe(0b1_0100_0001);
  });

  it.each([
    ["serverAuth", "TLS Web Server Authentication"],
    ["clientAuth", "TLS Web Client Authentication"],
    ["codeSigning", "Code Signing"],
    ["emailProtection", "E-mail Protection"],
    ["timeStamping", "Time Stamping"],
    ["OCSPSigning", "OCSP Signing"],
    ["anyExtendedKeyUsage", "Any Extended Key Usage"],
    ["1.3.6.1.5.5.7.3.17", "ipsec Internet Key Exchange"],
    ["1.3.6.1.4.1.55555.1", "1.3.6.1.4.1.55555.1"],
  ])("extendedKeyUsage %s is %s", async (usage, words) => {
    expect(await printed("extendedKeyUsage", { extendedKeyUsages: [usage] })).toBe(
      `X509v3 Extended Key Usage: \n    ${words}\n`,
    );
  });

  it("subjectAltName has names of every kind", async () => {
    const names = {
      dnsNames: ["*.lab.test", "lab.test"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
      emailAddresses: ["alice@lab.test", "alice+tag@lab.test"],
      uris: ["spiffe://lab.test/web", "urn:uuid:0b6e6d5c-6d1f-4b33-9a57-6b0f6f8b5b4f"],
    };

    expect(await printed("subjectAltName", names)).toBe(
      "X509v3 Subject Alternative Name: \n" +
        "    DNS:*.lab.test, DNS:lab.test, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, " +
        "email:alice@lab.test, email:alice+tag@lab.test, " +
        "URI:spiffe://lab.test/web, URI:urn:uuid:0b6e6d5c-6d1f-4b33-9a57-6b0f6f8b5b4f\n",
    );
  });

  it("nameConstraints are critical, with networks of both kinds as address and mask", async () => {
    const nameConstraints: NameConstraints = {
      permitted: {
        dnsNames: ["lab.test", "localhost"],
        ipRanges: ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/33", "::1/128"],
        emailAddresses: ["alice@lab.test", "lab.test", ".lab.test"],
      },
      excluded: { dnsNames: ["secret.lab.test"], ipRanges: ["0.0.0.0/0", "::/0"] },
    };

    expect(await printed("nameConstraints", { isCa: true, nameConstraints })).toBe(`X509v3 Name Constraints: critical
    Permitted:
      DNS:lab.test
      DNS:localhost
      IP:192.0.2.0/255.255.255.0
      IP:198.51.100.7/255.255.255.255
      IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:8000:0:0:0:0:0
      IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF
      email:alice@lab.test
      email:lab.test
      email:.lab.test
    Excluded:
      DNS:secret.lab.test
      IP:0.0.0.0/0.0.0.0
      IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0
`);
  });

  it.each<[NameConstraints, string]>([
    [{ permitted: { dnsNames: ["lab.test"] } }, "Permitted:\n      DNS:lab.test\n"],
    [{ permitted: {}, excluded: { dnsNames: ["lab.test"] } }, "Excluded:\n      DNS:lab.test\n"],
    [{ permitted: { dnsNames: ["lab.test"], ipRanges: [] }, excluded: {} }, "Permitted:\n      DNS:lab.test\n"],
  ])("nameConstraints %j have no empty part", async (nameConstraints, words) => {
    expect(await printed("nameConstraints", { isCa: true, nameConstraints })).toBe(
      `X509v3 Name Constraints: critical\n    ${words}`,
    );
  });

  it("cRLDistributionPoints has each URL in a point of its own", async () => {
    const crlDistributionPoints = ["http://lab.test/ca.crl", "ldap://lab.test/cn=CA?certificateRevocationList"];

    expect(await printed("crlDistributionPoints", { crlDistributionPoints })).toBe(`X509v3 CRL Distribution Points: 
    Full Name:
      URI:http://lab.test/ca.crl
    Full Name:
      URI:ldap://lab.test/cn=CA?certificateRevocationList
`);
  });

  const ISSUER = "CA Issuers - URI:http://lab.test/ca.crt";
  const RESPONDERS = "OCSP - URI:http://lab.test/ocsp\n    OCSP - URI:http://lab.test/ocsp2";
  it.each<[Partial<CertificateRequest>, string]>([
    [{ caIssuers: ["http://lab.test/ca.crt"] }, ISSUER],
    [{ ocspResponders: ["http://lab.test/ocsp", "http://lab.test/ocsp2"] }, RESPONDERS],
    [
      { caIssuers: ["http://lab.test/ca.crt"], ocspResponders: ["http://lab.test/ocsp", "http://lab.test/ocsp2"] },
      `${RESPONDERS}\n    ${ISSUER}`,
    ],
  ])("authorityInfoAccess with %j", async (request, words) => {
    expect(await printed("authorityInfoAccess", request)).toBe(`Authority Information Access: \n    ${words}\n`);
  });

  it("is any, by its OID and the DER of its value: TLS Feature, that the server must staple", async () => {
    const extensions = [{ oid: "1.3.6.1.5.5.7.1.24", valueBase64: "MAMCAQU=" }];

    expect(await printed("tlsfeature", { extensions })).toBe("TLS Feature: \n    status_request\n");
  });

  it("is left out where nothing is asked for", async () => {
    const nothing = { emailAddresses: [], uris: [], crlDistributionPoints: [], caIssuers: [], ocspResponders: [] };
    const certPem = await issue(asked({ ...nothing, extensions: [] }), key, VALIDITY);
    const [, extensions = ""] = x509(certPem, "-text").split("X509v3 extensions:");

    expect([...extensions.matchAll(/^ {12}(\w.*): /gm)].map(([, name]) => name)).toEqual([
      "X509v3 Basic Constraints",
      "X509v3 Key Usage",
      "X509v3 Subject Key Identifier",
      "X509v3 Authority Key Identifier",
    ]);
  });
});

describe("an extension that a verifier does not know", () => {
  it.each([
    [true, /unhandled critical extension/],
    [false, undefined],
    [undefined, undefined],
  ])("with critical %s", async (critical, refusal) => {
    const extensions = [{ oid: "1.3.6.1.4.1.55555.1", critical, valueBase64: "BQA=" }];
    const leaf = await issue(
      asked({ subject: { commonName: "leaf" }, extensions }),
      { ...key, certPem: caPem },
      VALIDITY,
    );
    const verify = () => verifyStrictly(caPem, [leaf]);

    if (refusal === undefined) expect(verify()).toBe("leaf: OK\n");
    else expect(verify).toThrow(refusal);
  });
});

describe("nameConstraints in DER", () => {
  it.each<NameConstraints>([
    { permitted: { dnsNames: ["lab.test"], ipRanges: ["192.0.2.0/24", "2001:db8::/33"] } },
    { excluded: { ipRanges: ["0.0.0.0/0", "::/0"], emailAddresses: ["a@lab.test", ".lab.test"] } },
  ])("say the same when they are read: %j", (constraints) => {
    expect(nameConstraintsFrom(nameConstraintsDer(constraints))).toEqual(constraints);
  });
});
