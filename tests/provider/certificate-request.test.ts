import { describe, expect, it } from "@jest/globals";

import { certificateRequest } from "../../provider/certificate-request.ts";
import type { Properties } from "../../provider/resource-type.ts";
import { csrDifferences, requestCertificate } from "../../provider/x509/csr.ts";
import { openssl } from "../openssl.ts";
import { keyPair, QUICK_KEY_ALGORITHMS } from "./keys.ts";
import { changed, created, UNKNOWN } from "./resources.ts";

const INPUTS = {
  subject: { country: "CN", organization: "Acme", commonName: "Acme Issuing CA" },
  privateKeyPem: keyPair().privateKeyPem,
  isCa: true,
  maxPathLength: 0,
  keyUsages: ["keyCertSign", "cRLSign"],
};

/** What `openssl req` prints of a request, its signature checked. */
const req = (pem: unknown, ...args: string[]) => openssl(["req", "-noout", "-verify", ...args], pem as string);

describe("a CertificateRequest", () => {
  it.each(QUICK_KEY_ALGORITHMS)(
    "is taken by OpenSSL with a key %s, and asks for a CA with this name",
    async (algorithm) => {
      const { privateKeyPem } = keyPair(algorithm);
      const { outputs } = await created(certificateRequest, { ...INPUTS, privateKeyPem });

      const text = req(outputs.requestPem, "-text", "-nameopt", "RFC2253");
      expect(text).toContain("Subject: CN=Acme Issuing CA,O=Acme,C=CN");
      expect(text).toMatch(/X509v3 Basic Constraints: critical\n +CA:TRUE, pathlen:0\n/);
      expect(text).toMatch(/X509v3 Key Usage: critical\n +Certificate Sign, CRL Sign\n/);
      expect(req(outputs.requestPem, "-pubkey")).toBe(openssl(["pkey", "-pubout"], privateKeyPem));
    },
  );

  it("asks for no limit where none is given", async () => {
    const { subject, privateKeyPem, isCa, keyUsages } = INPUTS;
    const { outputs } = await created(certificateRequest, { subject, privateKeyPem, isCa, keyUsages });

    expect(req(outputs.requestPem, "-text")).toMatch(/Basic Constraints: critical\n +CA:TRUE\n/);
  });

  it("is another one only if what it asks for changes", async () => {
    const resource = await created(certificateRequest, INPUTS);

    expect(await changed(certificateRequest, resource, {})).toEqual({ update: [], replace: [] });
    for (const [property, value] of Object.entries({
      subject: { commonName: "Other" },
      privateKeyPem: keyPair().privateKeyPem,
      maxPathLength: 1,
      keyUsages: ["keyCertSign"],
    })) {
      expect(await changed(certificateRequest, resource, { [property]: value })).toEqual({
        update: [],
        replace: [property],
      });
    }
  });

  it.each<[Properties, string[]]>([
    [{}, []],
    [{ subject: UNKNOWN, privateKeyPem: UNKNOWN }, []],
    [
      { subject: { commonName: "", country: "China" } },
      [
        "subject.commonName must have 1 to 64 characters, got ''",
        "subject.country must be two capital letters (ISO 3166), got 'China'",
      ],
    ],
    [{ maxPathLength: -1 }, ["maxPathLength must be a whole number of at least 0, got -1"]],
    [{ isCa: false }, ["maxPathLength is only allowed with isCa (RFC 5280, 4.2.1.9)"]],
  ])("of %j has these problems: %j", async (inputs, expected) => {
    const { problems } = await certificateRequest.check({ ...INPUTS, ...inputs });

    expect(problems.map(({ property, reason }) => `${property} ${reason}`)).toEqual(expected);
  });
});

describe("the comparison of a request with what was asked", () => {
  const { privateKeyPem, ...rest } = INPUTS;
  const asked = { ...rest, keyUsages: ["keyCertSign" as const, "cRLSign" as const] };

  it.each<[Partial<typeof asked>, string]>([
    [{ subject: { country: "CN", organization: "Acme", commonName: "X" } }, "subject"],
    [{ isCa: false, maxPathLength: undefined }, "basicConstraints CA"],
    [{ maxPathLength: 1 }, "basicConstraints pathlen"],
    [{ keyUsages: ["keyCertSign"] } as never, "keyUsage"],
  ])("finds %j", async (change, what) => {
    const wrong = await csrDifferences(await requestCertificate({ ...asked, ...change }, privateKeyPem), asked);

    expect(wrong.map((sentence) => sentence.split(" is ")[0])).toContain(what);
    expect(await csrDifferences(await requestCertificate(asked, privateKeyPem), asked)).toEqual([]);
  });
});
