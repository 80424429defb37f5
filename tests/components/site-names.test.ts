import { describe, expect, it } from "@jest/globals";

import { siteNames } from "../../components/site-names.ts";

describe("siteNames", () => {
  it("tells whole names, wildcards and addresses apart, in the given order", () => {
    expect(siteNames(["b.test", "*.a.test", "a.test"], ["192.0.2.1", "2001:db8::1"])).toEqual({
      exact: ["b.test", "a.test"],
      wildcardDomains: ["a.test"],
      addresses: ["192.0.2.1", "[2001:db8::1]"],
    });
  });

  it("writes names and addresses as nginx compares them, and each of them once", () => {
    const names = siteNames(["Lab.Test", "lab.test", "*.LAB.test"], ["0:0::1", "::1", "2001:DB8:0:0::A"]);

    expect(names.exact).toEqual(["lab.test"]);
    expect(names.wildcardDomains).toEqual(["lab.test"]);
    expect(names.addresses).toEqual(["[::1]", "[2001:db8::a]"]);
  });

  it.each(["localhost", "a-b.test", "xn--bcher-kva.test", "1.test", "*.test", `${"a".repeat(63)}.test`])(
    "takes the name %s",
    (name) => {
      expect(() => siteNames([name], [])).not.toThrow();
    },
  );

  it.each([
    "",
    "*",
    "*.",
    "a.*.test",
    "w*.test",
    "a..test",
    "a.test.",
    ".a.test",
    "-a.test",
    "a-.test",
    "a_b.test",
    "bücher.test",
    "\u212a.test",
    "a test",
    "a.test;",
    "a.test\n",
    "192.0.2.1",
    "a.1",
    "[::1]",
    `${"a".repeat(64)}.test`,
    Array(64).fill("abc").join("."),
    `*.${Array(63).fill("abc").join(".")}d`,
  ])("refuses the name %j", (name) => {
    expect(() => siteNames([name], [])).toThrow(
      `'serverNames' takes DNS names such as lab.localhost or *.lab.localhost, got ${JSON.stringify(name)}: use letters`,
    );
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.4:80",
    "[::1]",
    "::1%eth0",
    "fe80::1%;",
    "lab.test",
    "1.2.3.4 ",
  ])("refuses the address %j", (address) => {
    expect(() => siteNames([], [address])).toThrow(
      `'ipAddresses' takes addresses such as 192.0.2.1 or 2001:db8::1, got ${JSON.stringify(address)}: leave out`,
    );
  });

  it("refuses a site that nobody can ask for", () => {
    expect(() => siteNames([], [])).toThrow("a site needs a name or an address, got neither");
  });
});
