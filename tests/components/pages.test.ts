import { createHash } from "node:crypto";

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { renderNginxConf } from "../../components/nginx-conf.ts";
import { renderPages } from "../../components/pages.ts";
import { parseNginx } from "../nginx-syntax.ts";
import { DEV_VIEW } from "../nginx-view.ts";

/** Enough for a page with its styles, and little enough to read in a terminal. */
const MAX_ERROR_PAGE_BYTES = 4096;

const locations = [{ path: "/app", upstream: { url: "http://app" } }];
const pages = renderPages({ ...DEV_VIEW, locations, trustAnchors: ["Lab Root CA"] });

describe("renderPages", () => {
  it("makes the landing page, one page for each way to be refused, and those of a site with services", () => {
    const pathsOf = (codes: string[]) => ["index.html", ...codes.map((code) => `errors/${code}.html`)];
    const codes = ["403", "495", "496", "497"];

    expect(Object.keys(renderPages(DEV_VIEW))).toEqual(pathsOf(codes));
    expect(Object.keys(renderPages({ ...DEV_VIEW, locations: [{ path: "/app" }] }))).toEqual(pathsOf(codes));
    expect(Object.keys(pages)).toEqual(pathsOf([...codes, "431", "502", "504"]));
  });

  it.each([
    ["errors/403.html", "403 Forbidden"],
    ["errors/495.html", "400 The SSL certificate error"],
    ["errors/496.html", "400 No required SSL certificate was sent"],
    ["errors/497.html", "400 The plain HTTP request was sent to HTTPS port"],
    ["errors/431.html", "431 Request Header Fields Too Large"],
    ["errors/502.html", "502 Bad Gateway"],
    ["errors/504.html", "504 Gateway Time-out"],
  ])("keeps nginx's own words in %s: %s", (path, words) => {
    expect(pages[path]).toContain(`<title>${words}</title>`);
    expect(pages[path]).toContain(`<h1>${words}</h1>`);
  });

  it.each(Object.entries(pages))(
    "needs nothing else to show %s: no script, no link to a file, no image",
    (_path, html) => {
      expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|url\(|@import|\bon\w+=|style=/);
    },
  );

  it.each(Object.entries(pages))("uses no style in %s that the content security policy forbids", (_path, html) => {
    const policy = contentSecurityPolicy();
    const hashes = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map(
      ([, css]) => `'sha256-${createHash("sha256").update(css!).digest("base64")}'`,
    );

    expect(hashes.length).toBeGreaterThan(0);
    expect(hashes.filter((hash) => !policy.includes(hash))).toEqual([]);
  });

  it.each(["403", "495", "496", "497", "431", "502", "504"])("keeps the page for %s under 4 kB", (code) => {
    expect(pages[`errors/${code}.html`]!.length).toBeLessThan(MAX_ERROR_PAGE_BYTES);
  });

  it("says where the reason for a 502 is, in the lab and in other programs", () => {
    for (const command of ["npm run logs", "docker logs CONTAINER"]) {
      expect(pages["errors/502.html"]).toMatch(new RegExp(`^(<pre>)?${command} +#`, "m"));
    }
  });

  it("names the port in addresses unless it is 443", () => {
    const at443 = renderPages({ ...DEV_VIEW, publicHttpsPort: 443 });

    expect(pages["index.html"]).toContain(" https://lab.localhost:8443/whoami");
    expect(at443["index.html"]).toContain(" https://lab.localhost/whoami");
    expect(at443["errors/497.html"]).toContain(
      'href="https://<!--# echo var="host" --><!--# echo var="request_uri" -->"',
    );
  });

  it.each([
    [["*.a.test", "b.test"], ["192.0.2.1"], "b.test"],
    [["*.a.test"], ["2001:db8::1"], "[2001:db8::1]"],
    [["*.a.test"], [], "www.a.test"],
  ])("speaks of the site %j %j as %s", (serverNames, ipAddresses, host) => {
    expect(renderPages({ ...DEV_VIEW, serverNames, ipAddresses })["index.html"]).toContain(
      `<title>Mutual TLS at ${host}</title>`,
    );
  });

  it("says how many intermediates are allowed and which CAs are trusted", () => {
    expect(pages["errors/495.html"]).toContain("<dt>Leads to<dd>Lab Root CA<br>\n<dt>Intermediates<dd>1 at most");
    expect(renderPages(DEV_VIEW)["errors/495.html"]).toContain("<dt>Leads to<dd>a CA in its client-ca.crt\n");
  });

  it("has the cause and the cure of each error of services", () => {
    for (const code of [431, 502, 504]) {
      expect(pages[`errors/${code}.html`]).toMatch(/<h2>Cause<\/h2>\n<p>.*<h2>Cure<\/h2>\n<p>/s);
    }
    expect(pages["errors/431.html"]).toContain("at most 6144 bytes of DER");
  });

  it("tells a visitor without a certificate whether one was asked for", () => {
    const landing = (verifyClient: "optional" | "off") => renderPages({ ...DEV_VIEW, verifyClient })["index.html"];

    expect(landing("optional")).toContain("<code>ssl_verify_client optional</code> lets you in all the same");
    expect(landing("off")).toContain("It does not ask for yours: <code>ssl_verify_client off</code>");
  });

  it("says at a refusal who is let in, of many the first twenty", () => {
    const issuer = "CN=Lab Issuing CA";
    const sensors = Array.from({ length: 22 }, (_, index) => ({ issuer, subject: `CN=sensor-${index + 1}` }));
    const locations = [
      { path: "/admin", allow: [{ issuer, subject: "CN=alice" }] },
      { path: "/sensors", allow: sensors },
      { path: "/closed", allow: [] },
    ];
    const html = renderPages({ ...DEV_VIEW, locations })["errors/403.html"]!;
    const lists = [...html.matchAll(/<!--# if expr="\$access_list = (\d)" -->\n(.*?)<!--# endif -->/gs)];

    const allowed = lists.map(([, number, text]) => [
      number,
      [...text!.matchAll(/<dt>Allowed<dd>(.*)/g)].map(([, who]) => who),
    ]);
    expect(allowed).toEqual([
      ["1", [`CN=alice, certified by ${issuer}`]],
      ["2", [...sensors.slice(0, 20).map(({ subject }) => `${subject}, certified by ${issuer}`), "and 2 more"]],
      ["3", ["nobody"]],
    ]);
  });

  it("tells of less in each of many lists, and refuses what nginx would take too long to read", () => {
    const issuer = "CN=Lab Issuing CA";
    const sites = (lists: number, name: string) => {
      const allow = (list: number) =>
        Array.from({ length: 20 }, (_, index) => ({ issuer, subject: `CN=${name}-${list}-${index}` }));
      return Array.from({ length: lists }, (_, index) => ({ path: `/p${index}`, allow: allow(index) }));
    };
    const page = (lists: number, name = "a") =>
      renderPages({ ...DEV_VIEW, locations: sites(lists, name) })["errors/403.html"]!;

    expect(page(50).match(/<dd>CN=/g)).toHaveLength(50 * 20);
    expect(page(51).match(/<dd>CN=/g)).toHaveLength(51 * 19);
    expect(page(51).match(/<dd>and 1 more/g)).toHaveLength(51);
    expect(page(2000).match(/<dd>CN=/g)).toHaveLength(2000);
    expect(() => page(1000, "a".repeat(5000))).toThrow(
      /^the page errors\/403\.html would have 5\d{6} bytes, and nginx reads all of it for each visitor, so 1000000 is the most: let 'locations' have fewer /,
    );
    expect(() => renderPages({ ...DEV_VIEW, trustAnchors: ["a".repeat(5_000_000)] })).toThrow(
      /^the page index\.html would have 500\d{4} bytes, .* shorter names$/,
    );
  });

  it("lets no name of a client become markup or a server-side include", () => {
    const page = (subject: string) =>
      renderPages({ ...DEV_VIEW, locations: [{ path: "/", allow: [{ issuer: subject, subject }] }] })[
        "errors/403.html"
      ]!;
    const marks = (html: string) => html.match(/<[^>]*>/g);
    const harmless = marks(page("x"));

    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom("<!--# echo -->", "<b>", '" -->')), (name) => {
        expect(marks(page(name))).toEqual(harmless);
      }),
    );
  });

  it("lets no name of a CA become markup or a server-side include", () => {
    const marks = (html: string) => html.match(/<[^>]*>/g);
    const harmless = renderPages({ ...DEV_VIEW, trustAnchors: ["x"] });

    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom("<!--# echo -->", "<b>", '" onload="')), (name) => {
        fc.pre(name !== "");
        for (const [path, html] of Object.entries(renderPages({ ...DEV_VIEW, trustAnchors: [name] }))) {
          expect(marks(html)).toEqual(marks(harmless[path]!));
        }
      }),
    );
  });
});

function contentSecurityPolicy(): string {
  const http = parseNginx(renderNginxConf(DEV_VIEW)).find(({ words }) => words[0] === "http")!;
  return http.block!.find(({ words }) => words[1] === "Content-Security-Policy")!.words[2]!;
}
