import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { crlDifferences, type CrlEntry, type CrlRequest, issueCrl } from "../../../provider/x509/crl.ts";
import { issue } from "../../../provider/x509/issue.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../../../rules/revocation-reasons.ts";
import { openssl, x509 } from "../../openssl.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Identity, identity } from "../../test-pki.ts";
import { type KeyPair, keyPair, QUICK_KEY_ALGORITHMS } from "../keys.ts";

const USAGES = { isCa: true, keyUsages: ["keyCertSign" as const, "cRLSign" as const], extendedKeyUsages: [] };
const CA = { ...USAGES, toDay: 2 };
const SERIALS = ["4A0102030405060708090A0B0C0D0E0F", "7F", "80", "0A", "FF".repeat(20)];
const ENTRY: CrlEntry = { serialNumber: "0A", reason: "keyCompromise", revokedAt: "2028-02-29T12:34:56.000Z" };
const REQUEST: CrlRequest = {
  number: 1,
  thisUpdate: new Date("2028-02-29T12:00:00Z"),
  nextUpdate: new Date("2028-05-29T12:00:00Z"),
  entries: [],
};

let ca: Identity;
beforeAll(async () => {
  ca = await identity({ ...CA, subject: { organization: "Acme", commonName: "CA" } });
});

/** A list that is valid now. */
function current(entries: CrlEntry[]): CrlRequest {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { number: 1, thisUpdate: new Date(now - 60_000), nextUpdate: new Date(now + 3_600_000), entries };
}

/** What `openssl crl -text` prints of a list, without the signature. */
function printed(crlPem: string): string {
  return openssl(["crl", "-noout", "-text"], crlPem).replace(/^ {4}Signature Value:\n(?: {8}[\da-f:]+\n)+/m, "");
}

describe("a revocation list", () => {
  it("is, for OpenSSL, just this when nothing is revoked", async () => {
    const keyId = x509(ca.certPem, "-ext", "subjectKeyIdentifier").split("\n")[1]!.trim();

    expect(printed(await issueCrl(REQUEST, ca))).toBe(`Certificate Revocation List (CRL):
        Version 2 (0x1)
        Signature Algorithm: ecdsa-with-SHA256
        Issuer: O = Acme, CN = CA
        Last Update: Feb 29 12:00:00 2028 GMT
        Next Update: May 29 12:00:00 2028 GMT
        CRL extensions:
            X509v3 Authority Key Identifier: 
                ${keyId}
            X509v3 CRL Number: 
                1
No Revoked Certificates.
    Signature Algorithm: ecdsa-with-SHA256
`);
  });

  it("names each certificate by its number, of up to 20 octets, and when it was revoked", async () => {
    const entries = SERIALS.map((serialNumber, second) => {
      return { ...ENTRY, serialNumber, revokedAt: `2028-02-29T12:00:0${second}Z` };
    });
    const text = printed(await issueCrl({ ...REQUEST, entries }, ca));

    expect(
      [...text.matchAll(/Serial Number: (\w+)\n {8}Revocation Date: (.+)\n/g)].map(([, ...words]) => words),
    ).toEqual(SERIALS.map((serialNumber, second) => [serialNumber, `Feb 29 12:00:0${second} 2028 GMT`]));
  });

  it.each<[RevocationReason, string | undefined]>([
    ["unspecified", undefined],
    ["keyCompromise", "Key Compromise"],
    ["cACompromise", "CA Compromise"],
    ["affiliationChanged", "Affiliation Changed"],
    ["superseded", "Superseded"],
    ["cessationOfOperation", "Cessation Of Operation"],
    ["certificateHold", "Certificate Hold"],
    ["privilegeWithdrawn", "Privilege Withdrawn"],
    ["aACompromise", "AA Compromise"],
  ])("with the reason %s says %s; unspecified is said by no extension", async (reason, words) => {
    expect(Object.keys(REVOCATION_REASONS)).toContain(reason);
    const crlPem = await issueCrl({ ...REQUEST, entries: [{ ...ENTRY, reason }] }, ca);
    const text = printed(crlPem);

    expect(openssl(["asn1parse"], crlPem)).not.toMatch(/l= +0 cons/); // RFC 5280, A.1: Extensions has one at least
    const [, entry] = /Revoked Certificates:\n((?: .*\n)+?) {4}Signature Algorithm/.exec(text)!;
    const extension = `        CRL entry extensions:\n            X509v3 CRL Reason Code: \n                ${words}\n`;
    expect(entry).toBe(
      "    Serial Number: 0A\n        Revocation Date: Feb 29 12:34:56 2028 GMT\n" + (words ? extension : ""),
    );
  });

  it.each([1, 127, 128, 65_536, 2 ** 31, Number.MAX_SAFE_INTEGER])("has the number %i", async (number) => {
    const crlPem = await issueCrl({ ...REQUEST, number }, ca);

    expect(BigInt(openssl(["crl", "-noout", "-crlnumber"], crlPem).trim().replace("crlNumber=", ""))).toBe(
      BigInt(number),
    );
    expect(await crlDifferences(crlPem, { ...REQUEST, number }, ca.certPem)).toEqual([]);
  });

  it("may live beyond 2050, where the form of a date changes", async () => {
    const nextUpdate = new Date("2099-12-31T23:59:59Z");

    expect(printed(await issueCrl({ ...REQUEST, nextUpdate }, ca))).toContain(
      "Next Update: Dec 31 23:59:59 2099 GMT\n",
    );
  });

  it("points to the key identifier of a CA that chose its own", async () => {
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-"];
    const chosen = ["-subj", "/CN=ca", "-addext", "subjectKeyIdentifier=DE:AD:BE:EF"];
    const made = openssl(["req", "-x509", ...newKey, ...chosen]).split(/(?=-----BEGIN CERT)/);
    const [privateKeyPem, certPem] = made as [string, string];

    expect(printed(await issueCrl(REQUEST, { privateKeyPem, certPem }))).toMatch(/\n +(?:keyid:)?DE:AD:BE:EF\n/);
  });

  it("is PEM with the label of RFC 7468, and ends in one newline, so that lists can be put one after the other", async () => {
    expect(await issueCrl(REQUEST, ca)).toMatch(
      /^-----BEGIN X509 CRL-----\n(?:[\w+/=]{1,64}\n)+-----END X509 CRL-----\n$/,
    );
  });

  it.each(QUICK_KEY_ALGORITHMS)("is signed with a %s key, as OpenSSL confirms", async (algorithm) => {
    const signer = await withKey(keyPair(algorithm));
    const file = join(temporaryFolder(), "ca.crt");
    writeFileSync(file, signer.certPem);
    const request = current([ENTRY]);
    const crlPem = await issueCrl(request, signer);

    expect(openssl(["crl", "-noout", "-verify", "-CAfile", file, "-fingerprint"], crlPem)).toMatch(
      /^SHA1 Fingerprint=/,
    );
    expect(await crlDifferences(crlPem, request, signer.certPem)).toEqual([]);
  });
});

describe("a chain whose lists are checked by openssl verify -crl_check_all", () => {
  let root: Identity;
  let issuing: Identity;
  let alice: Identity;
  beforeAll(async () => {
    root = await identity({ ...CA, subject: { commonName: "Root" } });
    issuing = await identity({ ...CA, subject: { commonName: "Issuing" } }, root);
    alice = await identity({ subject: { commonName: "alice" } }, issuing);
  });

  /** What OpenSSL says of Alice's chain with these lists. */
  function verify(...lists: string[]): string {
    const folder = temporaryFolder();
    const files = { root: root.certPem, issuing: issuing.certPem, alice: alice.certPem, lists: lists.join("") };
    mkdirSync(folder, { recursive: true });
    for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem);
    const at = (name: string) => join(folder, name);
    const given = ["-CAfile", at("root"), "-untrusted", at("issuing"), "-CRLfile", at("lists"), at("alice")];
    try {
      return openssl(["verify", "-x509_strict", "-crl_check_all", ...given])
        .replace(`${folder}/`, "")
        .trim();
    } catch (error) {
      return /error \d+ at \d depth lookup: (.+)/.exec((error as Error).message)![0];
    }
  }

  const entry = (certPem: string): CrlEntry => {
    return { ...ENTRY, serialNumber: serialOf(certPem), revokedAt: "2026-01-01T00:00:00.000Z" };
  };

  it("is taken while nothing in it is revoked", async () => {
    const lists = [await issueCrl(current([]), root), await issueCrl(current([ENTRY]), issuing)];

    expect(verify(...lists)).toBe("alice: OK");
    expect(verify(...lists.reverse())).toBe("alice: OK");
  });

  it("is refused when its client is revoked, or a CA in it", async () => {
    const [none, noneBelow] = [await issueCrl(current([]), root), await issueCrl(current([]), issuing)];
    const withAlice = await issueCrl(current([ENTRY, entry(alice.certPem)]), issuing);
    const withIssuing = await issueCrl(current([entry(issuing.certPem)]), root);

    expect(verify(none, withAlice)).toBe("error 23 at 0 depth lookup: certificate revoked");
    expect(verify(withIssuing, noneBelow)).toBe("error 23 at 1 depth lookup: certificate revoked");
  });

  it("is refused when a list is missing, stale, not yet valid or of another CA", async () => {
    const [top, below] = [await issueCrl(current([]), root), await issueCrl(current([]), issuing)];
    const stale = { ...current([]), nextUpdate: new Date(Math.floor(Date.now() / 1000) * 1000 - 30_000) };
    const early = { ...current([]), thisUpdate: new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000) };
    const other = await identity({ ...CA, subject: { commonName: "Issuing" } }, root);

    expect(verify(below)).toBe("error 3 at 1 depth lookup: unable to get certificate CRL");
    expect(verify(top)).toBe("error 3 at 0 depth lookup: unable to get certificate CRL");
    expect(verify(top, await issueCrl(stale, issuing))).toBe("error 12 at 0 depth lookup: CRL has expired");
    expect(verify(top, await issueCrl(early, issuing))).toBe("error 11 at 0 depth lookup: CRL is not yet valid");
    // Its authority key identifier tells it from the list of the CA that has the same name.
    expect(verify(top, await issueCrl(current([]), other))).toBe(
      "error 3 at 0 depth lookup: unable to get certificate CRL",
    );
  });
});

describe("crlDifferences", () => {
  const asked: CrlRequest = { ...REQUEST, entries: [ENTRY, { ...ENTRY, serialNumber: "0B", reason: "unspecified" }] };

  it("finds none in a list that says what was asked", async () => {
    expect(await crlDifferences(await issueCrl(asked, ca), asked, ca.certPem)).toEqual([]);
  });

  it.each<[string, Partial<CrlRequest>, RegExp]>([
    ["another number", { number: 2 }, /^cRLNumber is 2, asked was 1$/],
    ["another start", { thisUpdate: new Date("2028-02-29T12:00:01Z") }, /^thisUpdate is "2028-02-29T12:00:01\.000Z"/],
    ["another end", { nextUpdate: new Date("2028-05-29T12:00:01Z") }, /^nextUpdate is "2028-05-29T12:00:01\.000Z"/],
    ["an entry less", { entries: [ENTRY] }, /^entries is \[\["0a".*\]\], asked was \[\["0a".*\],\["0b"/],
    [
      "an entry more",
      { entries: [...asked.entries, { ...ENTRY, serialNumber: "0C" }] },
      /^entries is .*\["0c".*, asked/,
    ],
    [
      "another reason",
      { entries: [{ ...ENTRY, reason: "superseded" }, asked.entries[1]!] },
      /^entries is .*4\],.*asked/,
    ],
    [
      "another moment",
      { entries: [{ ...ENTRY, revokedAt: "2028-02-29T12:34:57Z" }, asked.entries[1]!] },
      /^entries is .*12:34:57/,
    ],
  ])("finds %s, and nothing else", async (_, changes, difference) => {
    const crlPem = await issueCrl({ ...asked, ...changes }, ca);

    expect(await crlDifferences(crlPem, asked, ca.certPem)).toEqual([expect.stringMatching(difference)]);
  });

  it("finds a signature by another key, and another issuer", async () => {
    const namesake = await identity({ ...CA, subject: { organization: "Acme", commonName: "CA" } });
    const other = await identity({ ...CA, subject: { commonName: "Other" } });
    const forged = "its signature does not verify with the issuer's key";

    expect(await crlDifferences(await issueCrl(asked, namesake), asked, ca.certPem)).toEqual([forged]);
    expect(await crlDifferences(await issueCrl(asked, other), asked, ca.certPem)).toEqual([
      'issuer is "CN=Other", asked was "O=Acme, CN=CA"',
      forged,
    ]);
  });

  it("finds a flipped bit in whichever octet of the signed part it is", async () => {
    const crlPem = await issueCrl(asked, ca);
    const der = derOf(crlPem);
    const [, start, header, length] = /^ *(\d+):d=1 +hl=(\d) l= *(\d+) cons: SEQUENCE/m.exec(
      openssl(["asn1parse"], crlPem),
    )!;
    const end = Number(start) + Number(header) + Number(length);
    const signed = [...der.keys()].filter((position) => position >= Number(start) && position < end);
    const isFound = async (position: number) => {
      const flipped = Buffer.from(der);
      flipped[position]! ^= 1;
      const pem = `-----BEGIN X509 CRL-----\n${flipped.toString("base64")}\n-----END X509 CRL-----\n`;
      try {
        return (await crlDifferences(pem, asked, ca.certPem)).length > 0;
      } catch {
        return true; // no list any more
      }
    };
    const missed = await Promise.all(signed.map(async (position) => ((await isFound(position)) ? [] : [position])));

    expect(signed.length).toBeGreaterThan(100);
    expect(missed.flat()).toEqual([]);
  });
});

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

function serialOf(certPem: string): string {
  return x509(certPem, "-serial").trim().replace("serial=", "");
}

/** A CA with this key. */
async function withKey({ publicKeyPem, privateKeyPem }: KeyPair) {
  const request = { ...USAGES, subject: { commonName: "CA" }, dnsNames: [], ipAddresses: [], publicKeyPem };
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
  return { privateKeyPem, certPem: await issue(request, { privateKeyPem }, validity) };
}
