import { beforeAll, describe, expect, it } from "@jest/globals";

import { differences } from "../../../provider/x509/compare.ts";
import { issue } from "../../../provider/x509/issue.ts";
import type { CertificateRequest, Signer, Validity } from "../../../provider/x509/request.ts";
import { type KeyPair, keyPair } from "../keys.ts";

const VALIDITY: Validity = { notBefore: new Date("2025-01-01T00:00:00Z"), notAfter: new Date("2026-01-01T00:00:00Z") };
const LATER = new Date("2026-01-01T00:00:01Z");

const pair = keyPair();
const other = keyPair();
const CA: CertificateRequest = {
  subject: { organization: "Acme", commonName: "CA" },
  publicKeyPem: pair.publicKeyPem,
  isCa: true,
  maxPathLength: 0,
  keyUsages: ["keyCertSign", "cRLSign"],
  extendedKeyUsages: [],
  dnsNames: [],
  ipAddresses: [],
};
const SERVER: CertificateRequest = {
  ...CA,
  subject: { organization: "Acme", commonName: "web" },
  isCa: false,
  maxPathLength: undefined,
  keyUsages: ["digitalSignature"],
  extendedKeyUsages: ["serverAuth"],
  dnsNames: ["lab.test", "*.lab.test"],
  ipAddresses: ["192.0.2.1", "2001:db8::1"],
};

/** A certificate that says something in every extension that there is. */
const FULL: CertificateRequest = {
  ...SERVER,
  emailAddresses: ["web@lab.test"],
  uris: ["spiffe://lab.test/web"],
  crlDistributionPoints: ["http://lab.test/ca.crl"],
  caIssuers: ["http://lab.test/ca.crt"],
  ocspResponders: ["http://lab.test/ocsp"],
  extensions: [{ oid: "1.3.6.1.5.5.7.1.24", critical: true, valueBase64: "MAMCAQU=" }],
};
const CONSTRAINED: CertificateRequest = {
  ...CA,
  nameConstraints: { permitted: { dnsNames: ["lab.test"] }, excluded: { ipRanges: ["0.0.0.0/0"] } },
};

let issuer: Required<Signer>;
let namesake: Required<Signer>;

/** A CA of this name with this key. */
async function authority(commonName: string, { publicKeyPem, privateKeyPem }: KeyPair): Promise<Required<Signer>> {
  const request = { ...CA, subject: { commonName }, publicKeyPem, maxPathLength: undefined };
  return { privateKeyPem, certPem: await issue(request, { privateKeyPem }, VALIDITY) };
}

beforeAll(async () => {
  const key = keyPair();
  issuer = await authority("Issuer", key);
  namesake = await authority("Issuer", other);
});

describe("differences", () => {
  it.each([
    ["a server's certificate", SERVER],
    ["a CA with path length 0", CA],
    ["a CA without a path length", { ...CA, maxPathLength: undefined }],
    ["a CA with name constraints", CONSTRAINED],
    [
      "a CA with name constraints of which some are empty",
      { ...CA, nameConstraints: { permitted: { dnsNames: ["lab.test"], ipRanges: [] }, excluded: {} } },
    ],
    ["a certificate with every extension", FULL],
    ["a certificate with a purpose by its OID", { ...SERVER, extendedKeyUsages: ["1.3.6.1.5.5.7.3.17"] }],
    [
      "a certificate with two extensions of the user's",
      { ...SERVER, extensions: [...FULL.extensions!, { oid: "1.2.3.4", valueBase64: "BQA=" }] },
    ],
    [
      "a client's certificate",
      { ...SERVER, extendedKeyUsages: ["clientAuth" as const], dnsNames: [], ipAddresses: [] },
    ],
  ])("finds none in %s that says what was asked", async (_, request) => {
    const certPem = await issue(request, issuer, VALIDITY);

    expect(differences(certPem, request, issuer, VALIDITY)).toEqual([]);
  });

  it("finds none in a self-signed certificate", async () => {
    const signer = { privateKeyPem: pair.privateKeyPem };

    expect(differences(await issue(CA, signer, VALIDITY), CA, signer, VALIDITY)).toEqual([]);
  });

  it.each<[string, CertificateRequest, Partial<CertificateRequest>, RegExp]>([
    [
      "another name",
      SERVER,
      { subject: { organization: "Acme", commonName: "mallory" } },
      /^subject is "O=Acme, CN=mal/,
    ],
    ["a name with more in it", SERVER, { subject: { ...SERVER.subject, country: "CN" } }, /^subject is "C=CN, O=Acme/],
    ["another key", SERVER, { publicKeyPem: other.publicKeyPem }, /^public key is /],
    ["a CA for a leaf", SERVER, { isCa: true }, /^basicConstraints CA is true, asked was false$/],
    [
      "a leaf for a CA",
      { ...CA, maxPathLength: undefined },
      { isCa: false },
      /^basicConstraints CA is false, asked was t/,
    ],
    ["no path length for 0", CA, { maxPathLength: undefined }, /^basicConstraints pathlen is undefined, asked was 0$/],
    ["path length 1 for 0", CA, { maxPathLength: 1 }, /^basicConstraints pathlen is 1, asked was 0$/],
    [
      "one key usage more",
      SERVER,
      { keyUsages: ["digitalSignature", "keyEncipherment"] },
      /^keyUsage is 5, asked was 1$/,
    ],
    ["one key usage less", CA, { keyUsages: ["keyCertSign"] }, /^keyUsage is 32, asked was 96$/],
    [
      "another purpose",
      SERVER,
      { extendedKeyUsages: ["clientAuth"] },
      /^extendedKeyUsage is \["1\.3\.6\.1\.5\.5\.7\.3\.2"\]/,
    ],
    ["every purpose for one", SERVER, { extendedKeyUsages: [] }, /^extendedKeyUsage is \[\], asked was \["1\.3/],
    ["one DNS name more", SERVER, { dnsNames: [...SERVER.dnsNames, "evil.test"] }, /^subjectAltName is .*"evil\.test"/],
    ["one DNS name less", SERVER, { dnsNames: ["lab.test"] }, /^subjectAltName is .*asked was .*"\*\.lab\.test"/],
    ["another address", SERVER, { ipAddresses: ["192.0.2.2", "2001:db8::1"] }, /^subjectAltName is .*"192\.0\.2\.2"/],
    ["another mailbox", FULL, { emailAddresses: ["root@lab.test"] }, /^subjectAltName is .*"root@lab\.test"/],
    ["another URI", FULL, { uris: ["spiffe://lab.test/root"] }, /^subjectAltName is .*"spiffe:\/\/lab\.test\/root"/],
    [
      "no name constraints",
      CONSTRAINED,
      { nameConstraints: undefined },
      /^nameConstraints is undefined, asked was {"per/,
    ],
    [
      "name constraints",
      CA,
      { nameConstraints: CONSTRAINED.nameConstraints },
      /^nameConstraints is {.*, asked was undef/,
    ],
    [
      "another permitted domain",
      CONSTRAINED,
      { nameConstraints: { ...CONSTRAINED.nameConstraints, permitted: { dnsNames: ["evil.test"] } } },
      /^nameConstraints is {"permitted":{"dnsNames":\["evil\.test"\]}/,
    ],
    [
      "a narrower excluded network",
      CONSTRAINED,
      { nameConstraints: { ...CONSTRAINED.nameConstraints, excluded: { ipRanges: ["0.0.0.0/1"] } } },
      /^nameConstraints is .*"0\.0\.0\.0\/1".*, asked was .*"0\.0\.0\.0\/0"/,
    ],
    [
      "no distribution point",
      FULL,
      { crlDistributionPoints: [] },
      /^cRLDistributionPoints is \[\], asked was \["http:\/\/lab\.test\/ca\.crl"\]$/,
    ],
    [
      "another distribution point",
      FULL,
      { crlDistributionPoints: ["http://evil.test"] },
      /^cRLDistributionPoints is \["http:\/\/evil/,
    ],
    ["no URL of the issuer's certificate", FULL, { caIssuers: [] }, /^caIssuers is \[\], asked was \["http:/],
    [
      "another URL of the issuer's certificate",
      FULL,
      { caIssuers: ["http://evil.test"] },
      /^caIssuers is \["http:\/\/evil/,
    ],
    ["no responder", FULL, { ocspResponders: [] }, /^ocsp is \[\], asked was \["http:/],
    ["another responder", FULL, { ocspResponders: ["http://evil.test"] }, /^ocsp is \["http:\/\/evil/],
    ["no extension of the user's", FULL, { extensions: [] }, /^extensions is \[\], asked was \[{"oid":"1\.3/],
    [
      "an extension of nobody's",
      SERVER,
      { extensions: FULL.extensions },
      /^extensions is \[{"oid":"1\.3.*\], asked was \[\]$/,
    ],
    [
      "one extension more",
      FULL,
      { extensions: [...FULL.extensions!, { oid: "1.2.3.4", valueBase64: "BQA=" }] },
      /^extensions is .*"1\.2\.3\.4".*, asked was/,
    ],
    [
      "an extension that is not critical",
      FULL,
      { extensions: [{ ...FULL.extensions![0]!, critical: false }] },
      /^extensions is .*"critical":false.*"critical":true/,
    ],
    [
      "another value of an extension",
      FULL,
      { extensions: [{ ...FULL.extensions![0]!, valueBase64: "MAMCARE=" }] },
      /^extensions is .*"MAMCARE=".*"MAMCAQU="/,
    ],
    ["no names at all", SERVER, { dnsNames: [], ipAddresses: [] }, /^subjectAltName is \[\], asked was \[/],
  ])("finds %s, and nothing else", async (_, asked, changes, difference) => {
    const certPem = await issue({ ...asked, ...changes }, issuer, VALIDITY);

    expect(differences(certPem, asked, issuer, VALIDITY)).toEqual([expect.stringMatching(difference)]);
  });

  it("finds another start and another end", async () => {
    const certPem = await issue(SERVER, issuer, { notBefore: VALIDITY.notAfter, notAfter: LATER });

    expect(differences(certPem, SERVER, issuer, VALIDITY)).toEqual([
      'notBefore is "2026-01-01T00:00:00.000Z", asked was "2025-01-01T00:00:00.000Z"',
      'notAfter is "2026-01-01T00:00:01.000Z", asked was "2026-01-01T00:00:00.000Z"',
    ]);
  });

  it("finds a signature by another CA of the same name", async () => {
    const forged = await issue(SERVER, { ...namesake, certPem: issuer.certPem }, VALIDITY);

    expect(differences(forged, SERVER, issuer, VALIDITY)).toEqual([
      "its signature does not verify with the issuer's public key",
    ]);
  });

  it("finds another issuer, by its key identifier", async () => {
    const certPem = await issue(SERVER, namesake, VALIDITY);

    expect(differences(certPem, SERVER, issuer, VALIDITY)).toEqual([
      "its issuer and key identifiers do not point to the signing certificate",
      "its signature does not verify with the issuer's public key",
    ]);
  });

  it("finds a flipped bit in whichever octet it is", async () => {
    const certPem = await issue(SERVER, issuer, VALIDITY);
    const der = Buffer.from(certPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
    const isFound = (position: number) => {
      const flipped = Buffer.from(der);
      flipped[position]! ^= 1;
      const pem = `-----BEGIN CERTIFICATE-----\n${flipped.toString("base64")}\n-----END CERTIFICATE-----\n`;
      try {
        return differences(pem, SERVER, issuer, VALIDITY).length > 0;
      } catch {
        return true; // no certificate any more
      }
    };

    expect([...der.keys()].filter((position) => !isFound(position))).toEqual([]);
  });
});
