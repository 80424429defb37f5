import { describe, expect, it } from "@jest/globals";

import { type CaFacts, caFactsOf } from "../../../provider/x509/ca-facts.ts";
import { openssl } from "../../openssl.ts";
import { identity, type IdentityRequest } from "../../test-pki.ts";

const NOTHING = { subject: "CN=CA", cRLSign: false, pathLength: undefined, nameConstraints: undefined };
const BASIC = "basicConstraints=critical,CA:TRUE";

/** A self-signed certificate with these extensions, as OpenSSL makes it. */
function ofOpenssl(...extensions: string[]): string {
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  return openssl(["req", "-x509", ...newKey, "-subj", "/CN=CA", ...added]);
}

describe("what a CA may sign", () => {
  it.each<[Partial<IdentityRequest>, Partial<CaFacts>]>([
    [
      { isCa: true, keyUsages: ["keyCertSign", "cRLSign"] },
      { isCa: true, keyCertSign: true, cRLSign: true },
    ],
    [
      { isCa: true, keyUsages: ["keyCertSign"], maxPathLength: 0 },
      { isCa: true, keyCertSign: true, pathLength: 0 },
    ],
    [
      { isCa: true, keyUsages: ["keyCertSign"], maxPathLength: 7 },
      { isCa: true, keyCertSign: true, pathLength: 7 },
    ],
    [
      { isCa: true, keyUsages: ["cRLSign"] },
      { isCa: true, keyCertSign: false, cRLSign: true },
    ],
    [
      { isCa: false, keyUsages: ["digitalSignature"] },
      { isCa: false, keyCertSign: false },
    ],
  ])("is read from a certificate with %j: %j", async (request, facts) => {
    const { certPem } = await identity({ subject: { commonName: "CA" }, ...request });

    expect(caFactsOf(certPem)).toEqual({ ...NOTHING, ...facts });
  });

  it.each([
    [{ permitted: { dnsNames: ["lab.test"] } }],
    [{ excluded: { ipRanges: ["0.0.0.0/0", "::/0"] } }],
    [
      {
        permitted: { dnsNames: ["a.test", "b.test"], ipRanges: ["192.0.2.0/23", "2001:db8::/33", "::1/128"] },
        excluded: { emailAddresses: ["a@a.test", "a.test", ".a.test"] },
      },
    ],
  ])("is limited to the names that were asked for: %j", async (nameConstraints) => {
    const { certPem } = await identity({ subject: { commonName: "CA" }, isCa: true, nameConstraints });

    expect(caFactsOf(certPem).nameConstraints).toEqual(nameConstraints);
  });

  it.each<[string[], CaFacts]>([
    [[BASIC], { ...NOTHING, isCa: true, keyCertSign: true, cRLSign: true }], // without keyUsage the key may be used for all
    [
      [`${BASIC},pathlen:3`, "keyUsage=cRLSign"],
      { ...NOTHING, isCa: true, keyCertSign: false, cRLSign: true, pathLength: 3 },
    ],
    [["basicConstraints=CA:FALSE", "keyUsage=keyCertSign"], { ...NOTHING, isCa: false, keyCertSign: true }],
    [
      // A kind of name that is not ours is left out.
      [BASIC, "nameConstraints=permitted;DNS:.lab.test,permitted;IP:192.0.2.0/255.255.255.0,excluded;URI:.evil.test"],
      {
        ...{ ...NOTHING, isCa: true, keyCertSign: true, cRLSign: true },
        nameConstraints: { permitted: { dnsNames: [".lab.test"], ipRanges: ["192.0.2.0/24"] }, excluded: {} },
      },
    ],
  ])("is read from OpenSSL's certificate with %j", (extensions, facts) => {
    expect(caFactsOf(ofOpenssl(...extensions))).toEqual(facts);
  });
});
