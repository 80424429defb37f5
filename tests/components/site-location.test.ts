import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import type { LocationView } from "../../components/access-list.ts";
import type { Client } from "../../components/access-rule.ts";
import type { Issuer } from "../../components/issuer.ts";
import { type SiteLocation, siteLocations, withNames } from "../../components/site-location.ts";
import type { Upstream } from "../../components/upstream.ts";
import { valueOf } from "../mocks.ts";

const lab = { name: "lab", subject: { commonName: "Lab CA" } } as Issuer;
const imported = { name: "own", subject: undefined, subjectText: pulumi.output("O=Acme, CN=Own CA") } as Issuer;
const alice: Client = { issuer: lab, subject: { commonName: "alice" } };
const bob: Client = { issuer: imported, subject: { commonName: "bob" } };
const ALICE = { issuer: "CN=Lab CA", subject: "CN=alice" };
const BOB = { issuer: "CN=Own CA,O=Acme", subject: "CN=bob" };

function locate(locations: SiteLocation[], verifyClient = "on"): Promise<LocationView[]> {
  return valueOf(withNames(siteLocations(locations, [lab, imported], verifyClient)));
}

describe("the locations of a site", () => {
  it("let in whom their rules fit, by the names of the CAs", async () => {
    const rules = [{ client: alice }, { group: [bob, alice] }, { issuer: imported }];

    expect(await locate([{ path: "/admin/", allow: rules }, { path: "/closed", allow: [] }, { path: "/" }])).toEqual([
      { path: "/admin", allow: [ALICE, BOB, ALICE, { issuer: BOB.issuer }] },
      { path: "/closed", allow: [] },
      { path: "/" },
    ]);
  });

  it("are, without rules, as the nearest above them", async () => {
    const locations: SiteLocation[] = [
      { path: "/admin/users" },
      { path: "/admin/users/own", allow: [{ client: bob }] },
      { path: "/admin/users/own/x" },
      { path: "/admin", allow: [{ client: alice }] },
      { path: "/administrator" },
    ];

    expect(await locate(locations)).toEqual([
      { path: "/admin/users", allow: [ALICE] },
      { path: "/admin/users/own", allow: [BOB] },
      { path: "/admin/users/own/x", allow: [BOB] },
      { path: "/admin", allow: [ALICE] },
      { path: "/administrator" },
    ]);
  });

  it("may be for everybody below what is not", async () => {
    const locations: SiteLocation[] = [
      { path: "/", allow: [{ client: alice }] },
      { path: "/public", allow: [{ everybody: true }, { client: bob }] },
      { path: "/public/x" },
    ];

    expect(await locate(locations)).toEqual([
      { path: "/", allow: [ALICE] },
      { path: "/public" },
      { path: "/public/x" },
    ]);
  });

  it("have their services, without certificates, and rules beside them", async () => {
    const clientCert = {} as Upstream["clientCert"];
    const locations: SiteLocation[] = [
      {
        path: "/a/",
        allow: [{ client: alice }],
        upstream: { url: "https://app", caCertificates: "<pem>", clientCert },
      },
      { path: "/a/b", upstream: { url: "http://app" } },
      { path: "/a/b/c" },
    ];

    expect(await locate(locations)).toEqual([
      { path: "/a", allow: [ALICE], upstream: { url: "https://app", hasClientCert: true } },
      { path: "/a/b", allow: [ALICE], upstream: { url: "http://app", hasClientCert: false } },
      { path: "/a/b/c", allow: [ALICE] },
    ]);
  });

  it.each<[SiteLocation[], string]>([
    [
      [{ path: "admin" }],
      "'locations[0].path' must be / or a path like /admin or /reports/2026, of at most 200 letters, digits and ._-/, " +
        'and not below /errors, got "admin"',
    ],
    [[{ path: "/a" }, { path: "/a/../b" }], "'locations[1].path' must be / or a path like /admin or /reports/2026, "],
    [
      [{ path: "/a" }, { path: "/a/" }],
      "'locations[1].path' is /a/, which is in the list already: remove one of the two",
    ],
    [
      [{ path: "/whoami/", upstream: { url: "http://app" } }],
      "'locations[0].upstream' is for /whoami/, which is the site's own: choose another path",
    ],
    [[{ path: "/a", upstream: { url: "app" } }], "'locations[0].upstream.url' must be http://HOST:PORT"],
    [
      [{ path: "/a", upstream: { url: "https://app" } }],
      "'locations[0].upstream.caCertificates' must say who certified https://app: name its CA",
    ],
    [
      [{ path: "/a", upstream: { url: "https://app", caCertificates: [] } }],
      "'locations[0].upstream.caCertificates' must say who certified https://app: name its CA",
    ],
    [
      [{ path: "/a", upstream: { url: "http://app", caCertificates: "<pem>" } }],
      "'locations[0].upstream.caCertificates' is for https, and the url is http://app: leave out one of the two",
    ],
    [
      [{ path: "/a", allow: [{ client: alice }, { subject: "alice", issuer: lab }] }],
      "'locations[0].allow[1]' must have a 'subject' as /whoami shows it",
    ],
  ])("are refused in one sentence: %j", (locations, sentence) => {
    expect(() => siteLocations(locations, [lab, imported], "on")).toThrow(sentence);
  });

  it("are refused with rules where nobody is asked for a certificate", () => {
    const refused = () => siteLocations([{ path: "/" }, { path: "/a", allow: [] }], [lab], "off");

    expect(refused).toThrow(
      "'locations[1].allow' lets nobody in with verifyClient off, where nobody is asked: use on or optional",
    );
    expect(siteLocations([{ path: "/" }], [lab], "off")).toEqual([{ path: "/" }]);
  });
});
