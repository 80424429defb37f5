import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import Mustache from "mustache";

import { type NginxConfView, renderNginxConf, renderNginxTemplate } from "../../components/nginx-conf.ts";
import { readTemplate } from "../../components/template-files.ts";
import { parseNginx, shapeOf } from "../nginx-syntax.ts";
import { DEV_VIEW } from "../nginx-view.ts";

const shape = (view: NginxConfView): unknown[] => shapeOf(parseNginx(renderNginxConf(view)));

/** Texts made mostly of what means something to nginx, to mustache or to a regular expression. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...";{}\"'\\$#~^*.:[]/ \n\r\t\0\u2028ab1-", "\\E", "{{", "}}", "é") }),
);

/** What a function returns, or undefined if it refuses in one line. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    expect((error as Error).message).toMatch(/^('|templates\/)[^\n]+$/);
    return undefined;
  }
}

describe("renderNginxConf", () => {
  it("names the TLS policy and its version in the first line", () => {
    expect(renderNginxConf(DEV_VIEW)).toMatch(
      /^# TLS policy intermediate, version 6\.0: https:\/\/ssl-config\.mozilla\.org\//,
    );
  });

  it("gives the same text for the same view", () => {
    expect(renderNginxConf({ ...DEV_VIEW })).toBe(renderNginxConf(DEV_VIEW));
  });

  it.each([
    [{ httpPort: 0 }, "'httpPort' must be a whole number from 1 to 65535, got 0"],
    [{ httpsPort: 65_536 }, "'httpsPort' must be a whole number from 1 to 65535, got 65536"],
    [{ publicHttpsPort: 1.5 }, "'publicHttpsPort' must be a whole number from 1 to 65535, got 1.5"],
    [{ publicHttpsPort: "443" }, "'publicHttpsPort' must be a whole number from 1 to 65535, got \"443\""],
    [{ openFiles: 0 }, "'openFiles' must be a whole number from 2048 to 1048576, got 0"],
    [{ openFiles: "4096; x" }, "'openFiles' must be a whole number from 2048 to 1048576, got \"4096; x\""],
    [{ verifyDepth: -1 }, "'verifyDepth' must be a whole number from 0 to 100, got -1"],
    [{ verifyClient: "yes" }, "'verifyClient' must be one of on, optional, optional_no_ca, off, got \"yes\""],
    [{ checksRevocation: "yes" }, "'checksRevocation' must be true or false, got \"yes\""],
    [{ http2: "on" }, "'http2' must be true or false, got \"on\""],
    [{ tlsPolicy: "old" }, "'tlsPolicy' must be one of modern, intermediate, seed, got \"old\""],
    [{ httpPort: 8443 }, "'httpPort' and 'httpsPort' must differ from each other and from the health check's 8081"],
    [{ httpsPort: 8081 }, "'httpPort' and 'httpsPort' must differ from each other and from the health check's 8081"],
    [{ serverNames: ["a;b"] }, "'serverNames' takes DNS names"],
    [{ ipAddresses: ["a"] }, "'ipAddresses' takes addresses"],
    [{ locations: [{ path: "/a;" }] }, "'locations[0].path' must be / or a path like /admin"],
    [{ locations: [{ path: "/" }, { path: "/a/" }] }, "'locations[1].path' must have no slash at its end"],
    [{ locations: [{ path: "/a" }, { path: "/a" }] }, "'locations[1].path' is /a, which is in the list already"],
    [{ locations: [{ path: "/a", upstream: { url: "app" } }] }, "'locations[0].upstream.url' must be http://HOST:PORT"],
    [
      { locations: [{ path: "/a", upstream: { url: "http://app", host: "" } }] },
      "'locations[0].upstream.host' must be",
    ],
  ])("refuses %j in one sentence", (change, message) => {
    expect(() => renderNginxConf({ ...DEV_VIEW, ...change } as NginxConfView)).toThrow(message);
  });

  it("lets no server name add to or end a directive", () => {
    const whole = shape({ ...DEV_VIEW, serverNames: ["a.test"] });

    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map((text) => `*.${text}`),
          hostile.map((text) => `${text}.test`),
        ),
        (name) => {
          const rendered = unlessRefused(() => shape({ ...DEV_VIEW, serverNames: [name] }));
          if (rendered !== undefined) expect(rendered).toEqual(whole);
        },
      ),
    );
  });

  it("lets no address add to or end a directive", () => {
    const whole = shape({ ...DEV_VIEW, ipAddresses: ["192.0.2.1"] });

    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          fc.ipV4(),
          fc.ipV6(),
          fc.ipV6().map((ip) => `${ip}%;`),
        ),
        (address) => {
          const rendered = unlessRefused(() => shape({ ...DEV_VIEW, ipAddresses: [address] }));
          if (rendered !== undefined) expect(rendered).toEqual(whole);
        },
      ),
    );
  });

  it("lets no path of a location add to or end a directive", () => {
    const whole = shape({ ...DEV_VIEW, locations: [{ path: "/a", allow: [] }] });

    fc.assert(
      fc.property(
        hostile.map((text) => `/a${text}`),
        (path) => {
          const rendered = unlessRefused(() => shape({ ...DEV_VIEW, locations: [{ path, allow: [] }] }));
          if (rendered !== undefined) expect(rendered).toEqual(whole);
        },
      ),
    );
  });

  it("lets no name of a certificate add to or end a directive", () => {
    const render = (text: string) =>
      shape({
        ...DEV_VIEW,
        locations: [
          {
            path: "/a",
            allow: [
              { issuer: text, subject: text },
              { issuer: text, serialNumber: text },
            ],
          },
          { path: "/b", allow: [{ issuer: text }, { fingerprintSha1: text }] },
        ],
      });
    const whole = render("CN=a");

    fc.assert(
      fc.property(hostile, (text) => {
        const rendered = unlessRefused(() => render(text));
        if (rendered !== undefined) expect(rendered).toEqual(whole);
      }),
    );
  });

  it.each([
    "httpPort",
    "httpsPort",
    "publicHttpsPort",
    "verifyDepth",
    "verifyClient",
    "checksRevocation",
    "http2",
    "tlsPolicy",
  ])("lets nothing given as %s add to or end a directive", (field) => {
    const seen = new Set(
      ["modern", "intermediate", "seed"].map((tlsPolicy) =>
        JSON.stringify(shape({ ...DEV_VIEW, tlsPolicy } as NginxConfView)),
      ),
    );
    seen.add(JSON.stringify(shape({ ...DEV_VIEW, verifyClient: "off" })));
    seen.add(JSON.stringify(shape({ ...DEV_VIEW, checksRevocation: true })));
    seen.add(JSON.stringify(shape({ ...DEV_VIEW, http2: true })));

    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostile, fc.nat(65_535)), (value) => {
        const rendered = unlessRefused(() => shape({ ...DEV_VIEW, [field]: value }));
        if (rendered !== undefined) expect(seen).toContain(JSON.stringify(rendered));
      }),
    );
  });
});

describe("renderNginxConf with a service", () => {
  const service = { url: "https://app:3000/v1", serverName: "app.test", host: "app.test", maxBodySize: "1m" };
  const shapeWith = (upstream: object, path = "/a") =>
    shape({ ...DEV_VIEW, locations: [{ path, upstream: { ...service, ...upstream } }] });

  it.each(["serverName", "host", "maxBodySize", "timeoutSeconds", "path"])(
    "lets nothing given as %s add to or end a directive",
    (field) => {
      const whole = shapeWith({});

      fc.assert(
        fc.property(
          fc.oneof(
            hostile,
            hostile.map((text) => `/${text}`),
            fc.nat(),
          ),
          (value) => {
            const rendered = unlessRefused(() =>
              field === "path" ? shapeWith({}, `${value}`) : shapeWith({ [field]: value }),
            );
            if (rendered !== undefined && value !== "/") expect(rendered).toEqual(whole);
          },
        ),
      );
    },
  );

  it.each([hostile.map((text) => `https://app:3000/${text}`), hostile.map((text) => `https://${text}:3000/v1`)])(
    "lets no url add to or end a directive",
    (urls) => {
      const whole = shapeWith({});

      fc.assert(
        fc.property(urls, (url) => {
          const rendered = unlessRefused(() => shapeWith({ url }));
          if (rendered !== undefined) expect(rendered).toEqual(whole);
        }),
      );
    },
  );

  it("has a longer path decide before a shorter one", () => {
    const paths = ["/a", "/a/b/c", "/", "/a/b"];
    const locations = paths.map((path) => ({ path, upstream: { url: "http://192.0.2.1" } }));
    const rendered = renderNginxConf({ ...DEV_VIEW, locations });

    expect([...rendered.matchAll(/location ~ "\^\\Q(.*)\\E/g)].map(([, path]) => path)).toEqual([
      "/a/b/c",
      "/a/b",
      "/a",
    ]);
  });
});

describe("renderNginxTemplate", () => {
  it("keeps a value what it is, bare or in quotes, or refuses it", () => {
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.string()),
        fc.constantFrom("bare {{x}};", 'quoted "{{x}}";', 'part "a {{x}}" b;'),
        (x, text) => {
          const rendered = unlessRefused(() => renderNginxTemplate("t", text, { x }));
          if (rendered === undefined) return;
          const read = parseNginx(text.replace("{{x}}", "X"))[0]!.words.map((word) => word.replace("X", () => x));
          expect(parseNginx(rendered)).toEqual([{ words: read }]);
        },
      ),
    );
  });

  it.each(["a", "/etc/a=b.pem", "HIGH:!aNULL:!MD5", "[::1]", "*.a.test", "a_b-c@d+e"])(
    "takes %s bare, as it is",
    (x) => {
      expect(renderNginxTemplate("t", "d {{x}};", { x })).toBe(`d ${x};`);
    },
  );

  it.each(["a b", "a;", "{", "}", '"', "'", "\\", "$host", "#", "a\n", "~", "é", "a\u00a0b"])(
    "refuses %j bare",
    (x) => {
      expect(() => renderNginxTemplate("t", "d {{x}};", { x })).toThrow(
        `templates/t: {{x}} is ${JSON.stringify(x)}: nginx.conf takes letters, digits and . : * @ = + / ! [ ] _ - here`,
      );
    },
  );

  it.each(['"', "\\", "$host", "a\nb", "\0", "\ud800"])("refuses %j in quotes", (x) => {
    expect(() => renderNginxTemplate("t", 'd "{{x}}";', { x })).toThrow(
      `templates/t: {{x}} is ${JSON.stringify(x)}: in quotes nginx.conf takes no ", \\ (save as \\xHH), $, control character or half a surrogate pair`,
    );
  });

  it.each(["\\x5c", "a\\x2eb"])("takes %s in quotes, for a regular expression", (x) => {
    expect(renderNginxTemplate("t", 'd "{{x}}";', { x })).toBe(`d "${x}";`);
  });

  it.each(["\\x5", "\\n", "\\\\", "\\x5C"])("refuses %s in quotes", (x) => {
    expect(() => renderNginxTemplate("t", 'd "{{x}}";', { x })).toThrow("in quotes nginx.conf takes no");
  });

  it.each(["d {{{x}}};", "d {{&x}};", "{{> x}}"])("refuses %s", (text) => {
    expect(() => renderNginxTemplate("t", text, { x: "a" })).toThrow("is not allowed");
  });
});

describe("nginx.conf.mustache", () => {
  const text = wholeTemplate("nginx.conf.mustache");
  const tags = tagsOf(Mustache.parse(text));

  it("uses no tag that templates/README.md does not explain, and the reverse", () => {
    const table = readTemplate("README.md").split("## ")[1]!;
    const rows = [...table.matchAll(/^\| `.*/gm)].map(([row]) => row.split("|"));
    const explained = rows.flatMap(([, first = "", second = ""]) => [
      ...[...first.matchAll(/`(\w+)`/g)].map(([, tag]) => tag!),
      // A list says what its entries have.
      ...(second.includes("list of `") ? [...second.matchAll(/`(\w+)`/g)].map(([, tag]) => tag!) : []),
    ]);

    expect([...tags].sort()).toEqual([...new Set(explained)].sort());
  });

  it("has no `if` but those that return", () => {
    const conditions = text.match(/^ *if .*\n.*\n.*\n/gm)!;

    expect(conditions.length).toBeGreaterThan(1);
    for (const condition of conditions) expect(condition).toMatch(/^ *if \(.*\) {\n *return \d{3}( .*)?;\n *}\n$/);
  });
});

/** The template with its parts in their places. */
function wholeTemplate(path: string): string {
  return readTemplate(path).replaceAll(/{{> ([\w-]+)}}/g, (_, part) => wholeTemplate(`nginx/${part}.mustache`));
}

function tagsOf(tokens: unknown[][]): Set<string> {
  const found = tokens.flatMap(([kind, name, , , children]) => [
    ...(kind === "text" || name === "." ? [] : [name as string]),
    ...(Array.isArray(children) ? tagsOf(children as unknown[][]) : []),
  ]);
  return new Set(found);
}
