import { describe, expect, it } from "@jest/globals";

import { asked, type CertificateArgs } from "../../components/certificate-args.ts";
import { ClientCert } from "../../components/client-cert.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import type { Issuer } from "../../components/issuer.ts";
import { RootCA } from "../../components/root-ca.ts";
import { ServerCert } from "../../components/server-cert.ts";
import { declared, inspect } from "../mocks.ts";

const ARGS = {
  notBefore: "-400d",
  renewedAt: "2026-01-31T12:00:00Z",
  extensions: [{ oid: "1.3.6.1.5.5.7.1.24", critical: true, valueBase64: "MAMCAQU=" }],
} satisfies CertificateArgs;

/** Every component that has a certificate; each makes one that is named `x-cert`. */
const COMPONENTS: [string, (issuer: Issuer, args: CertificateArgs) => unknown][] = [
  ["RootCA", (_, args) => new RootCA("x", { subject: { commonName: "X" }, ...args })],
  ["IntermediateCA", (issuer, args) => new IntermediateCA("x", { issuer, subject: { commonName: "X" }, ...args })],
  ["ServerCert", (issuer, args) => new ServerCert("x", { issuer, dnsNames: ["lab.test"], ...args })],
  ["ClientCert", (issuer, args) => new ClientCert("x", { issuer, subject: { commonName: "x" }, ...args })],
];

const URLS = {
  crlDistributionPoints: ["http://lab.test/ca.crl"],
  caIssuers: ["http://lab.test/ca.crt"],
  ocspResponders: ["http://lab.test/ocsp"],
};

const issuer = () => new RootCA("root", { subject: { commonName: "Root" } });

describe("the arguments that every certificate has", () => {
  it("are these inputs, and nothing of the others", () => {
    const args = { ...ARGS, keyAlgorithm: "P-384" as const, validityPeriodHours: 24 };

    expect(asked(args)).toEqual(ARGS);
    expect(asked({})).toEqual({});
  });

  it.each(COMPONENTS)("are inputs of the certificate of a %s", async (_, make) => {
    await declared(() => make(issuer(), ARGS));

    expect(inspect("x-cert").inputs).toMatchObject(ARGS);
  });

  it.each(COMPONENTS)("may be left out for a %s", async (_, make) => {
    await declared(() => make(issuer(), {}));

    expect(Object.keys(inspect("x-cert").inputs)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(notBefore|renewedAt|extensions)$/)]),
    );
  });

  it.each(COMPONENTS)("choose the key of a %s", async (_, make) => {
    await declared(() => make(issuer(), { keyAlgorithm: "P-384" }));

    expect(inspect("x-key").inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P384" });
  });
});

describe("the URLs of a CA", () => {
  it("stand in what it signs, and not in its own certificate", async () => {
    await declared(() => {
      const root = new RootCA("root", { subject: { commonName: "Root" }, ...URLS });
      const below = new IntermediateCA("below", { issuer: root, subject: { commonName: "Below" } });
      new ClientCert("alice", { issuer: below, subject: { commonName: "alice" } });
      new ServerCert("web", { issuer: root, dnsNames: ["lab.test"] });
    });

    const urlsOf = (name: string) => {
      const { crlDistributionPoints, caIssuers, ocspResponders } = inspect(`${name}-cert`).inputs;
      return { crlDistributionPoints, caIssuers, ocspResponders };
    };
    expect(urlsOf("root")).toEqual({});
    expect(urlsOf("below")).toEqual(URLS);
    expect(urlsOf("web")).toEqual(URLS);
    expect(urlsOf("alice")).toEqual({});
  });

  it("are the intermediate's own for those below it", async () => {
    const urls = { crlDistributionPoints: ["http://lab.test/below.crl"] };
    await declared(() => {
      const root = new RootCA("root", { subject: { commonName: "Root" }, ...URLS });
      const below = new IntermediateCA("below", { issuer: root, subject: { commonName: "Below" }, ...urls });
      new ClientCert("alice", { issuer: below, subject: { commonName: "alice" } });
    });

    expect(inspect("alice-cert").inputs).toMatchObject(urls);
    expect(inspect("alice-cert").inputs).not.toHaveProperty("caIssuers");
  });
});
