import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { issuerChains, renderClientChains } from "../../components/client-chains.ts";
import { declared, valueOf } from "../mocks.ts";
import { parseNginx, shapeOf } from "../nginx-syntax.ts";
import { hierarchy } from "../site.ts";

const pem = (base64: string) => {
  const lines = base64.match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

/** What a client of each issuer has as its chain, by the regular expression that finds the issuer. */
function chainsIn(conf: string): Record<string, string> {
  const maps = parseNginx(conf);
  const constants = maps.slice(0, -1).map(({ words, block }) => [words[2]!, block![0]!.words[1]!] as const);
  const written = (text: string) => text.replace(/\$\w+/g, (name) => new Map(constants).get(name)!);
  return Object.fromEntries(
    maps
      .at(-1)!
      .block!.slice(1)
      .map(({ words }) => [words[0]!, written(words[1]!)]),
  );
}

describe("client-chains.conf", () => {
  it("has a list of byte sequences (RFC 9440) for each CA that has CAs above it", () => {
    const chains = [
      { issuer: "CN=A,O=Acme", chainPem: pem("YQ==") + pem("cm9vdA==") },
      { issuer: "CN=root", chainPem: "" },
      { issuer: "CN=B", chainPem: pem("Yg==") + pem("cm9vdA==") },
    ];

    expect(chainsIn(renderClientChains(chains))).toEqual({
      "~^CN=A,O=Acme$": ":YQ==:, :cm9vdA==:",
      "~^CN=B$": ":Yg==:, :cm9vdA==:",
    });
  });

  it("has no word that is longer than nginx reads, and nothing is lost", () => {
    const long = "QUJD".repeat(3000);
    const conf = renderClientChains([{ issuer: "CN=A", chainPem: pem(long) }]);

    for (const line of conf.split("\n").filter((one) => !one.startsWith("#"))) expect(line.length).toBeLessThan(4095);
    expect(chainsIn(conf)).toEqual({ "~^CN=A$": `:${long}:` });
  });

  it("finds an issuer by its whole name, whatever is in it", () => {
    const issuer = String.raw`CN=a.b\, \"c\" (d) $e \C3\A9,O=x`;
    const [regex] = Object.keys(chainsIn(renderClientChains([{ issuer, chainPem: pem("YQ==") }])));

    const found = new RegExp(regex!.slice(1));
    expect(found.test(issuer)).toBe(true);
    for (const other of [`${issuer}y`, `x${issuer}`, issuer.replace(".", "x"), issuer.toLowerCase()]) {
      expect(found.test(other)).toBe(false);
    }
  });

  it("tells no chain of CAs that nginx cannot tell apart, or whose name is too long for it", () => {
    const chains = [
      { issuer: "CN=twin", chainPem: pem("YQ==") },
      { issuer: "CN=twin", chainPem: pem("Yg==") },
      { issuer: `CN=${".".repeat(1000)}`, chainPem: pem("Yg==") },
      { issuer: "CN=same", chainPem: pem("YQ==") },
      { issuer: "CN=same", chainPem: pem("YQ==") },
    ];

    expect(chainsIn(renderClientChains(chains))).toEqual({ "~^CN=same$": ":YQ==:" });
  });

  it.each(['a"; } #', "中".repeat(4000), "=a", ""])("takes no certificate of %j", (base64) => {
    const chainPem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;

    expect(() => renderClientChains([{ issuer: "CN=A", chainPem }])).toThrow(
      /^'chainPem' must have certificates as base64 \(RFC 7468\), got ".*: take them from the CA again$/,
    );
  });

  it("lets no name add to or end a directive", () => {
    const shape = (issuer: string) => shapeOf(parseNginx(renderClientChains([{ issuer, chainPem: pem("YQ==") }])));
    const harmless = shape("CN=a");

    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 100 }),
          fc.string({ unit: fc.constantFrom(...";{}\"'\\$#~^ \n\0") }),
        ),
        (name) => expect(shape(`CN=${name}`)).toEqual(harmless),
      ),
    );
  });
});

describe("issuerChains", () => {
  it("are those of the CAs and of all above them, each once, by their names", async () => {
    const chains = await declared(() => {
      const lowest = hierarchy("c", 2);
      return issuerChains([lowest, lowest.issuer!]);
    });

    expect(await valueOf(chains)).toEqual([
      { issuer: "CN=c-2", chainPem: "<c-2-cert><c-1-cert>" },
      { issuer: "CN=c-1", chainPem: "<c-1-cert>" },
      { issuer: "CN=c", chainPem: "" },
    ]);
  });
});
