import { describe, expect, it } from "@jest/globals";

import { type AccessRule, type Client, matchesOf } from "../../components/access-rule.ts";
import { ClientCert } from "../../components/client-cert.ts";
import { ClientFleet } from "../../components/client-fleet.ts";
import type { Issuer } from "../../components/issuer.ts";
import { declared } from "../mocks.ts";
import { hierarchy } from "../site.ts";

/** Two CAs with their roots, and one that nginx does not trust. */
const [lab, other, foreign] = ["lab", "other", "foreign"].map((name) => ca(name, ca(`${name}-root`))) as [
  Issuer,
  Issuer,
  Issuer,
];
const alice: Client = { issuer: lab, subject: { commonName: "alice", organization: "Acme" } };
const bob: Client = {
  issuer: other,
  subject: { commonName: "bob" },
  subjectAltNames: ["DNS:bob.lab.test", "URI:spiffe://lab.test/bob"],
};
const carol: Client = { issuer: lab, subject: { commonName: "carol" }, subjectAltNames: ["email:ops@lab.test"] };
const dave: Client = { issuer: lab, subject: { commonName: "dave" }, subjectAltNames: ["email:ops@lab.test"] };

function ca(name: string, issuer?: Issuer, commonName = name): Issuer {
  return { name, issuer, subject: { commonName } } as Issuer;
}

function matches(rule: AccessRule, clientIssuers = [lab, other]) {
  return matchesOf(rule, clientIssuers, "'allow[0]'");
}

const SERIAL = "4A0102030405060708090A0B0C0D0E0F";
const SHA1 = "00112233445566778899aabbccddeeff00112233";

describe("a rule", () => {
  it.each<[AccessRule, ReturnType<typeof matches>]>([
    [{ everybody: true }, []],
    [{ client: alice }, [{ issuer: lab, subject: "CN=alice,O=Acme" }]],
    [
      { group: [alice, bob] },
      [
        { issuer: lab, subject: "CN=alice,O=Acme" },
        { issuer: other, subject: "CN=bob" },
      ],
    ],
    [{ group: [] }, []],
    [{ san: "URI:spiffe://lab.test/bob", among: [alice, bob] }, [{ issuer: other, subject: "CN=bob" }]],
    [
      { san: "email:ops@lab.test", among: [alice, carol, dave] },
      [
        { issuer: lab, subject: "CN=carol" },
        { issuer: lab, subject: "CN=dave" },
      ],
    ],
    [{ issuer: other }, [{ issuer: other }]],
    [{ subject: "CN=x,O=Acme\\, Inc.", issuer: lab }, [{ issuer: lab, subject: "CN=x,O=Acme\\, Inc." }]],
    [{ serialNumber: SERIAL, issuer: lab }, [{ issuer: lab, serialNumber: SERIAL }]],
    [{ serialNumber: "4a:0b", issuer: lab }, [{ issuer: lab, serialNumber: "4A0B" }]],
    [{ fingerprintSha1: SHA1 }, [{ fingerprintSha1: SHA1 }]],
    [{ fingerprintSha1: SHA1.toUpperCase().replace(/..(?=.)/g, "$&:") }, [{ fingerprintSha1: SHA1 }]],
  ])("%#: %j fits", (rule, expected) => {
    expect(matches(rule)).toEqual(expected);
  });

  it("about a subject or a number is about the site's only issuer, if it says none", () => {
    expect(matches({ subject: "CN=x" }, [lab])).toEqual([{ issuer: lab, subject: "CN=x" }]);
    expect(matches({ serialNumber: SERIAL }, [lab])).toEqual([{ issuer: lab, serialNumber: SERIAL }]);
  });

  it("may be about the clients of a CA that is not named, below a root that is trusted", () => {
    const sibling = ca("sibling", lab.issuer);

    expect(matches({ issuer: sibling })).toEqual([{ issuer: sibling }]);
  });

  it("takes a ClientCert and a client of a ClientFleet for clients", async () => {
    const names = { dnsNames: ["a.lab.test"], emailAddresses: ["a@lab.test"], uris: ["spiffe://lab.test/a"] };
    const [issuer, cert, one] = await declared(() => {
      const issuing = hierarchy("ca", 1);
      const common = { issuer: issuing, validityPeriodHours: 24 };
      const clients = new ClientFleet("fleet", { ...common, clients: ["sensor-1"], subject: { organization: "Acme" } });
      const client = new ClientCert("a", { ...common, ...names, subject: { commonName: "a" } });
      return [issuing, client, clients.client("sensor-1")] as const;
    });

    expect(matches({ group: [cert, one] }, [issuer])).toEqual([
      { issuer, subject: "CN=a" },
      { issuer, subject: "CN=sensor-1,O=Acme" },
    ]);
    for (const san of ["DNS:a.lab.test", "email:a@lab.test", "URI:spiffe://lab.test/a"] as const) {
      expect(matches({ san, among: [cert, one] }, [issuer])).toEqual([{ issuer, subject: "CN=a" }]);
    }
  });

  const KINDS =
    "must have everybody, or client, or group, or san and among, or issuer, or subject, or subject and issuer, " +
    "or serialNumber, or serialNumber and issuer, or fingerprintSha1, got ";
  it.each<[object, string]>([
    [{}, `${KINDS}nothing`],
    [{ user: "alice" }, `${KINDS}user`],
    [{ client: alice, issuer: lab }, `${KINDS}client and issuer`],
    [{ san: "DNS:bob.lab.test" }, `${KINDS}san`],
    [{ subject: "CN=a", serialNumber: SERIAL }, `${KINDS}subject and serialNumber`],
    [
      { san: "DNS:other.lab.test", among: [alice, bob, carol] },
      'must have a \'san\' of a client in \'among\' (["DNS:bob.lab.test","URI:spiffe://lab.test/bob","email:ops@lab.test"]), ' +
        'got "DNS:other.lab.test"',
    ],
    [{ san: "DNS:a", among: [alice] }, "must have a 'san' of a client in 'among' (they have none), got \"DNS:a\""],
    [
      { client: { ...alice, issuer: foreign } },
      "is about clients of foreign, whose root is above none of the 'clientIssuers': add foreign there",
    ],
    [
      { issuer: foreign },
      "is about clients of foreign, whose root is above none of the 'clientIssuers': add foreign there",
    ],
    [{ subject: "CN=a" }, "must have an 'issuer', for the site has several: say which of lab, other"],
    [{ serialNumber: SERIAL }, "must have an 'issuer', for the site has several: say which of lab, other"],
    [
      { subject: "CN=alice, O=Acme", issuer: lab },
      "must have a 'subject' as /whoami shows it, like CN=alice,O=Acme, got \"CN=alice, O=Acme\": " +
        "leave out spaces after commas, and write \\C3\\A9 for é",
    ],
    ...["", "4", "4A0", "0x4A", "4A 0B", "-4A", "4A".repeat(21)].map((serialNumber): [object, string] => [
      { serialNumber, issuer: lab },
      `must have a 'serialNumber' of 1 to 20 bytes, two hexadecimal digits each, got ${JSON.stringify(serialNumber)}`,
    ]),
    ...["", SHA1.slice(1), `${SHA1}0`, SHA1.replace("a", "g")].map((fingerprintSha1): [object, string] => [
      { fingerprintSha1 },
      "must have a 'fingerprintSha1' of 40 hexadecimal digits, with colons or without, " +
        `got ${JSON.stringify(fingerprintSha1)}`,
    ]),
  ])("%#: %j is refused in one sentence", (rule, sentence) => {
    expect(() => matches(rule as AccessRule)).toThrow(new Error(`'allow[0]' ${sentence}`));
  });

  it("is refused where nginx could take one CA for another, which has the same name", () => {
    const twin = ca("twin", ca("twin-root"), "lab");

    expect(() => matches({ client: alice }, [lab, twin])).toThrow(
      "'allow[0]' is about clients of lab, and nginx cannot tell it from twin, also called CN=lab: give one another subject",
    );
  });
});
