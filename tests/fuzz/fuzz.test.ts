import { randomInt } from "node:crypto";

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { renderClientChains } from "../../components/client-chains.ts";
import { type NginxConfView, renderNginxConf } from "../../components/nginx-conf.ts";
import { fuzz, type FuzzOptions } from "./fuzz.ts";
import { textsIn } from "./hostile.ts";
import { meant } from "./meant.ts";
import { refusedByNginx } from "./nginx-check.ts";
import type { Directive } from "./nginx-parser.ts";
import { site, viewOf } from "./sites.ts";

describe("the renderer of nginx.conf", () => {
  it("says what is meant or refuses in one sentence, and nginx takes what it says", async () => {
    const seed = randomInt(2 ** 31);
    const { counterexample, kept, accepted, refused } = await fuzz({ inputs: 400, seed, keepEvery: 3 });

    expect({ seed, counterexample }).toEqual({ seed, counterexample: undefined });
    expect(Math.min(accepted, refused, kept.site.length, kept.chains.length)).toBeGreaterThan(0);
    expect({ seed, said: await refusedByNginx(kept) }).toEqual({ seed, said: "" });
  });
});

/** A renderer whose text is changed. */
function changed(change: (text: string) => string): FuzzOptions["renderers"] {
  return { nginxConf: (view) => change(renderNginxConf(view)), clientChains: renderClientChains };
}

/** A renderer whose refusals are changed. */
function refusing(change: (sentence: string) => string): FuzzOptions["renderers"] {
  const nginxConf = (view: NginxConfView) => {
    try {
      return renderNginxConf(view);
    } catch (error) {
      throw new Error(change((error as Error).message), { cause: error });
    }
  };
  return { nginxConf, clientChains: renderClientChains };
}

/** A renderer that writes the first of the site's names without a look at it. */
function withUncheckedName(view: NginxConfView): string {
  const [first = "first.test", ...others] = view.serverNames;
  return renderNginxConf({ ...view, serverNames: ["first.test", ...others] }).replaceAll("first.test", () => first);
}

const unescaped = (text: string) =>
  text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => Buffer.from(hex, "hex").toString("latin1"));
const LOCATION = /(location ~ [^{]*{[^}]*}\n)/;

describe("the fuzzer", () => {
  it.each<[string, FuzzOptions["renderers"]]>([
    ["escapes nothing", changed(unescaped)],
    [
      "escapes no name of a CA",
      { nginxConf: renderNginxConf, clientChains: (chains) => unescaped(renderClientChains(chains)) },
    ],
    ["checks no name of the site", { nginxConf: withUncheckedName, clientChains: renderClientChains }],
    ["forgets a location", changed((text) => text.replace(LOCATION, ""))],
    [
      "turns locations round",
      changed((text) => text.replace(RegExp(`${LOCATION.source}([^}]*)${LOCATION.source}`), "$3$2$1")),
    ],
    ["lets somebody else in", changed((text) => text.replace(/\$refused_1 {\n/, '$&"~^SUCCESS;" "";\n'))],
    ["asks for no revocation list", changed((text) => text.replace(/ssl_crl .*/, ""))],
    ["verifies longer chains", changed((text) => text.replace(/(ssl_verify_depth .*);/, "$10;"))],
    ["says something more", changed((text) => text.replace("server_tokens off;", "server_tokens off; autoindex on;"))],
    ["says something twice", changed((text) => text.replace("ssl_session_tickets off;", "$&$&"))],
    ["writes a comment that is too long", changed((text) => `# ${"a".repeat(4100)}\n${text}`)],
    [
      "refuses what is fine",
      changed((text) => {
        if (text.includes("http2")) throw new Error("'http2' is not for us");
        return text;
      }),
    ],
    ["does not say what it refuses", refusing(() => "something is wrong")],
    ["refuses in two lines", refusing((sentence) => `${sentence}\n`)],
  ])("finds out a renderer that %s", async (_what, renderers) => {
    const { counterexample } = await fuzz({ inputs: 3000, seed: 1, keepEvery: 1, renderers, shrinks: false });

    expect(counterexample?.problem).toMatch(/^(nginx would (not )?read |it is fine and was refused|the refusal )/);
  });
});

describe("what is meant", () => {
  it("has the same directives with as many words, whatever the texts are", () => {
    const shape = (directives: Directive[]): unknown[] =>
      directives.map(([words, inner]) => [words.length, ...(inner ? [words[0], shape(inner)] : [])]);

    fc.assert(
      fc.property(site, (odd) => {
        const view = viewOf(odd);
        const harmless = structuredClone(view);
        for (const place of textsIn(harmless)) {
          if (/\.(issuer|subject)$/.test(place.name)) place.set(Buffer.from(place.text).toString("hex"));
        }
        expect(shape(meant(view))).toEqual(shape(meant(harmless)));
      }),
    );
  });
});
