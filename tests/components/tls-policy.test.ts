import { describe, expect, it } from "@jest/globals";

import { readTemplate } from "../../components/template-files.ts";
import { tlsPolicy } from "../../components/tls-policy.ts";
import { TLS_POLICIES } from "../../rules/tls-policies.ts";

describe("templates/tls-policy.json", () => {
  it("holds the policies that can be chosen, and no others", () => {
    expect(Object.keys(JSON.parse(readTemplate("tls-policy.json")) as object).sort()).toEqual([...TLS_POLICIES].sort());
  });

  it.each(TLS_POLICIES)("has an entry for the version of %s in the changelog", (name) => {
    const { version } = tlsPolicy(name);

    expect(readTemplate("README.md")).toMatch(
      new RegExp(`^### .*\\b${name}\\b.* ${version.replace(".", "\\.")}$`, "m"),
    );
  });

  it("offers TLS 1.3 in each, and nothing older than TLS 1.2", () => {
    expect(TLS_POLICIES.map((name) => tlsPolicy(name).protocols)).toEqual([
      ["TLSv1.3"],
      ["TLSv1.2", "TLSv1.3"],
      ["TLSv1.2", "TLSv1.3"],
    ]);
  });

  it("gives forward secrecy and authenticated encryption with every suite of intermediate", () => {
    expect(tlsPolicy("intermediate").ciphers.filter((suite) => !/^ECDHE-.*(GCM|CHACHA20)/.test(suite))).toEqual([]);
  });

  it("owns up to the weaknesses of the source documents' line, and only of that", () => {
    expect(TLS_POLICIES.filter((name) => tlsPolicy(name).weaknesses.length > 0)).toEqual(["seed"]);
  });
});
