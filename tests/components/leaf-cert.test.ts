import { afterAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClientCert, type ClientCertArgs } from "../../components/client-cert.ts";
import { IntermediateCA } from "../../components/intermediate-ca.ts";
import { KEY_ALGORITHMS, type KeyAlgorithm } from "../../rules/key-algorithms.ts";
import { RootCA } from "../../components/root-ca.ts";
import { ServerCert, type ServerCertArgs } from "../../components/server-cert.ts";
import type { NameConstraints } from "../../rules/name-constraints.ts";
import { declared, inspect, refusalOf } from "../mocks.ts";

/** An intermediate below a root; either may have name constraints. */
function issuing(rootConstraints?: NameConstraints, nameConstraints?: NameConstraints): IntermediateCA {
  const root = new RootCA("root", { subject: { commonName: "Root" }, nameConstraints: rootConstraints });
  const subject = { commonName: "Issuing" };
  return new IntermediateCA("issuing", { issuer: root, subject, maxPathLength: 1, nameConstraints });
}

function server(issuer: IntermediateCA, args: Partial<ServerCertArgs>): ServerCert {
  return new ServerCert("web", { issuer, ...args });
}

function client(issuer: IntermediateCA, args: Partial<ClientCertArgs>): ClientCert {
  return new ClientCert("alice", { issuer, subject: { commonName: "alice" }, ...args });
}

describe("a leaf's names", () => {
  it("are all in its certificate", async () => {
    const uris = ["spiffe://lab.test/x"];
    await declared(() => {
      const issuer = issuing();
      server(issuer, { dnsNames: ["lab.test"], ipAddresses: ["192.0.2.1"], uris });
      client(issuer, { dnsNames: ["alice.lab.test"], emailAddresses: ["alice@lab.test"], uris });
    });

    expect(inspect("web-cert").inputs).toMatchObject({
      ...{ dnsNames: ["lab.test"], ipAddresses: ["192.0.2.1"], emailAddresses: [], uris },
    });
    expect(inspect("alice-cert").inputs).toMatchObject({
      ...{ dnsNames: ["alice.lab.test"], ipAddresses: [], emailAddresses: ["alice@lab.test"], uris },
    });
  });

  const DOMAIN: NameConstraints = { permitted: { dnsNames: ["lab.test"], emailAddresses: ["lab.test"] } };
  const NO_ADDRESSES: NameConstraints = { excluded: { ipRanges: ["0.0.0.0/0"] } };

  it("may be those that every CA above permits", async () => {
    await declared(() => {
      const issuer = issuing(DOMAIN, NO_ADDRESSES);
      server(issuer, { dnsNames: ["*.lab.test"], ipAddresses: ["::1"] });
      client(issuer, { dnsNames: ["alice.lab.test"], emailAddresses: ["alice@lab.test"] });
    });
  });

  it("bind no CA: its own name is what it likes", async () => {
    await declared(() => {
      const issuer = issuing(DOMAIN);
      new IntermediateCA("lower", { issuer, subject: { commonName: "evil.test" }, validityPeriodHours: 24 });
    });
  });

  const both = { ...DOMAIN, ...NO_ADDRESSES };
  describe.each([
    ["the issuer", "Issuing", () => issuing(undefined, both)],
    ["the root", "Root", () => issuing(both)],
  ])("are refused by a constraint of %s:", (_, ca, issuer) => {
    it.each<[string, (issuer: IntermediateCA) => unknown, string]>([
      ["a server's DNS name", (issuer) => server(issuer, { dnsNames: ["lab.test", "evil.test"] }), "evil.test"],
      [
        "a server's address",
        (issuer) => server(issuer, { dnsNames: ["lab.test"], ipAddresses: ["127.0.0.1"] }),
        "127.0.0.1",
      ],
      ["a client's DNS name", (issuer) => client(issuer, { dnsNames: ["evil.test"] }), "evil.test"],
      ["a client's mailbox", (issuer) => client(issuer, { emailAddresses: ["a@evil.test"] }), "a@evil.test"],
      [
        "a client's common name that reads as a DNS name",
        (issuer) => client(issuer, { subject: { commonName: "a.evil" } }),
        "a.evil",
      ],
    ])("%s", async (_name, declare, name) => {
      expect(await refusalOf(() => declare(issuer()))).toBe(
        `'${name}' is forbidden by the name constraints of CN=${ca}: choose another name, or widen 'nameConstraints' there`,
      );
    });
  });
});

describe("a leaf's key", () => {
  const REFUSED: Record<"server" | "client", Partial<Record<KeyAlgorithm, string>>> = {
    server: {
      "P-521": "Chromium does not connect to a server with a P-521 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
      Ed25519: "Chromium does not connect to a server with an Ed25519 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
    },
    client: {
      "P-521": "Chromium cannot use a P-521 key with TLS 1.2 (ERR_SSL_PROTOCOL_ERROR), only with TLS 1.3",
      Ed25519: "NSS, and so Chromium and Firefox on Linux, cannot import a PKCS#12 file with an Ed25519 key",
    },
  };
  const warn = jest.spyOn(pulumi.log, "warn");
  beforeEach(() => {
    warn.mockReset();
  });
  afterAll(() => {
    warn.mockRestore();
  });

  it.each(KEY_ALGORITHMS)("of kind %s comes with a warning if somebody refuses it", async (keyAlgorithm) => {
    const [web, alice] = await declared(() => {
      const issuer = issuing();
      return [server(issuer, { dnsNames: ["lab.test"], keyAlgorithm }), client(issuer, { keyAlgorithm })] as const;
    });

    const [ofServer, ofClient] = [REFUSED.server[keyAlgorithm], REFUSED.client[keyAlgorithm]];
    expect(warn.mock.calls).toEqual([
      ...(ofServer ? [[`'keyAlgorithm' ${keyAlgorithm}: ${ofServer}`, web]] : []),
      ...(ofClient ? [[`'keyAlgorithm' ${keyAlgorithm}: ${ofClient}`, alice]] : []),
    ]);
  });

  it("of a CA comes with none: nobody refuses a chain for it", async () => {
    await declared(() => new RootCA("root", { subject: { commonName: "Root" }, keyAlgorithm: "Ed25519" }));

    expect(warn).not.toHaveBeenCalled();
  });
});
