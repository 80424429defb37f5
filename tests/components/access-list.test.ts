import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { accessLists, type CertificateMatch, type LocationView } from "../../components/access-list.ts";
import { distinguishedName } from "../../components/distinguished-name.ts";
import { renderNginxConf } from "../../components/nginx-conf.ts";
import { type Directive, parseNginx } from "../nginx-syntax.ts";
import { DEV_VIEW } from "../nginx-view.ts";

const ISSUER = "CN=Lab Issuing CA";
const ALICE: CertificateMatch = { issuer: ISSUER, subject: "CN=alice" };
const BOB: CertificateMatch = { issuer: ISSUER, subject: "CN=bob" };

/** What nginx knows of a client. */
interface Seen {
  verify: string;
  issuer: string;
  subject: string;
  serialNumber: string;
  fingerprintSha1: string;
}
const SEEN: Seen = {
  verify: "SUCCESS",
  issuer: ISSUER,
  subject: "CN=alice",
  serialNumber: "4A01",
  fingerprintSha1: "00112233445566778899aabbccddeeff00112233",
};

function nested(directives: Directive[]): Directive[] {
  return directives.flatMap((directive) => [directive, ...nested(directive.block ?? [])]);
}

/** Every directive of a site with these locations, those in blocks after them. */
function directives(locations: LocationView[]): Directive[] {
  return nested(parseNginx(renderNginxConf({ ...DEV_VIEW, locations })));
}

/** What is in the first block that has these words. */
function blockOf(locations: LocationView[], ...words: string[]): Directive[] {
  return directives(locations).find((one) => words.every((word) => one.words.includes(word)))!.block!;
}

/** Whether the rendered map fits: JavaScript reads its regular expressions as PCRE does. */
function isLetIn(allow: CertificateMatch[], client: Partial<Seen>): boolean {
  const { verify, issuer, subject, serialNumber, fingerprintSha1 } = { ...SEEN, ...client };
  const [, ...patterns] = blockOf([{ path: "/", allow }], "map", "$refused_1").map(({ words }) => words[0]!);
  const text = [verify, issuer, subject, serialNumber, fingerprintSha1].join(";");
  return patterns.some((pattern) => new RegExp(pattern.replace(/^~/, ""), "s").test(text));
}

describe("access lists", () => {
  it("are one for all locations that let in the same", () => {
    const locations = [
      { path: "/a", allow: [ALICE] },
      { path: "/b" },
      { path: "/c", allow: [BOB] },
      { path: "/d", allow: [ALICE] },
      { path: "/e", allow: [] },
    ];

    expect(accessLists(locations)).toEqual([
      { number: 1, paths: ["/a", "/d"], allowed: [ALICE] },
      { number: 2, paths: ["/c"], allowed: [BOB] },
      { number: 3, paths: ["/e"], allowed: [] },
    ]);
  });

  it("let in who fits one of the matches, as a whole", () => {
    const other = "CN=Other Issuing CA";
    const serial: CertificateMatch = { issuer: ISSUER, serialNumber: "4A01" };
    const fingerprint: CertificateMatch = { fingerprintSha1: SEEN.fingerprintSha1 };

    expect(isLetIn([ALICE], {})).toBe(true);
    expect(isLetIn([BOB, ALICE], {})).toBe(true);
    expect(isLetIn([], {})).toBe(false);
    expect(isLetIn([BOB], {})).toBe(false);
    expect(isLetIn([ALICE], { issuer: other })).toBe(false);
    expect(isLetIn([{ issuer: ISSUER }], { subject: "CN=x" })).toBe(true);
    expect(isLetIn([{ issuer: ISSUER }], { issuer: other })).toBe(false);
    expect(isLetIn([serial], { subject: "CN=x" })).toBe(true);
    expect(isLetIn([serial], { serialNumber: "4A0101" })).toBe(false);
    expect(isLetIn([serial], { issuer: other })).toBe(false);
    expect(isLetIn([fingerprint], { issuer: other, subject: "CN=x", serialNumber: "00" })).toBe(true);
    expect(isLetIn([fingerprint], { fingerprintSha1: SEEN.fingerprintSha1.replace("2", "3") })).toBe(false);
    for (const verify of ["NONE", "FAILED:certificate has expired", "success", ""]) {
      expect(isLetIn([ALICE, { issuer: ISSUER }, serial, fingerprint], { verify })).toBe(false);
    }
  });

  it("name each of their places on a line of its own, for nginx reads no comment of 4096 bytes", () => {
    const paths = Array.from({ length: 30 }, (_, index) => `/${"a".repeat(190)}${index}`);
    const text = renderNginxConf({ ...DEV_VIEW, locations: paths.map((path) => ({ path, allow: [ALICE] })) });

    expect(text).toContain(paths.map((path) => `    # ${path}\n`).join(""));
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(4096);
  });

  it("take names that nginx can read, and refuse those that it cannot", () => {
    const render = (match: CertificateMatch) =>
      renderNginxConf({ ...DEV_VIEW, locations: [{ path: "/" }, { path: "/a", allow: [ALICE, match] }] });
    const name = (length: number) => `CN=${"a".repeat(length - 3)}`;

    expect(() => render({ issuer: name(2000), subject: name(2000) })).not.toThrow();
    expect(() => render({ issuer: name(2000), subject: name(2001) })).toThrow(
      /^'locations\[1\]\.allow' lets in "CN=a+… \(\d+ characters\), of which nginx\.conf must say 4001 bytes, and nginx takes 4000: shorten /,
    );
    // Each of these bytes takes six.
    expect(() => render({ issuer: "CN=a", subject: `CN=${"\\C3".repeat(666)}` })).toThrow("must say 4003 bytes");
    for (const match of [{ issuer: "" }, { issuer: "CN=a", subject: "" }]) {
      expect(() => render(match)).toThrow(
        /^'locations\[1\]\.allow' lets in ".*", and nginx knows a client and a CA by a name/,
      );
    }
  });

  it("take no name for another, whatever is in them", () => {
    const text = fc.oneof(
      fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom(...'ab;,+=\\".*^$()[]{}|?~ \n\t#<>é1') }),
      fc.string({ minLength: 1, unit: "binary" }),
    );
    const name = fc
      .record({ commonName: text, organization: fc.option(text, { nil: undefined }) })
      .map(distinguishedName);
    const certificate = fc.record({ issuer: name, subject: name });

    fc.assert(
      fc.property(certificate, certificate, (one, another) => {
        expect(isLetIn([one], one)).toBe(true);
        expect(isLetIn([{ issuer: one.issuer }], one)).toBe(true);
        const isSame = one.issuer === another.issuer && one.subject === another.subject;
        expect(isLetIn([one], another)).toBe(isSame);
        expect(isLetIn([{ issuer: one.issuer }], another)).toBe(one.issuer === another.issuer);
        expect(isLetIn([{ issuer: one.issuer, serialNumber: "4A" }], { ...one, serialNumber: "4B" })).toBe(false);
      }),
    );
  });
});

describe("the locations", () => {
  /** The path of each with its list, in nginx's order. */
  const order = (locations: LocationView[]) =>
    directives(locations)
      .filter(({ words }) => words[0] === "location" && words[1] === "~")
      .map(({ words, block: inside }) => [words[2], inside!.find(({ words: [name] }) => name === "set")?.words[2]]);

  it("are tried in the order of their length, for nginx takes the first that fits", () => {
    const locations = [
      { path: "/a", allow: [ALICE] },
      { path: "/a/open" },
      { path: "/", allow: [BOB] },
      { path: "/a/b.c/d", allow: [ALICE] },
    ];

    expect(order(locations)).toEqual([
      [String.raw`^\Q/a/b.c/d\E(?:/|$)`, "1"],
      [String.raw`^\Q/a/open\E(?:/|$)`, undefined],
      [String.raw`^\Q/a\E(?:/|$)`, "1"],
    ]);
  });

  it("decide about the site's own pages, too", () => {
    const pages = ["location = /", "location = /whoami", "location /"];
    const lists = (locations: LocationView[]) =>
      pages.map((words) => {
        const found = directives(locations).filter((one) => one.words.join(" ") === words);
        return found.at(-1)!.block!.find(({ words: [name] }) => name === "set")?.words[2];
      });

    expect(lists([])).toEqual([undefined, undefined, undefined]);
    expect(lists([{ path: "/whoami", allow: [ALICE] }])).toEqual([undefined, "1", undefined]);
    expect(lists([{ path: "/", allow: [ALICE] }])).toEqual(["1", "1", "1"]);
    expect(lists([{ path: "/", allow: [ALICE] }, { path: "/whoami" }])).toEqual(["1", undefined, "1"]);
  });
});
