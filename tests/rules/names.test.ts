import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { canonicalAddress, isDnsName, isIpAddress, isWildcardDnsName } from "../../rules/names.ts";

const LONGEST_LABEL = "a".repeat(63);
/** 253 characters. */
const LONGEST_NAME = [LONGEST_LABEL, LONGEST_LABEL, LONGEST_LABEL, "a".repeat(61)].join(".");

const DNS_NAMES = ["a", "localhost", "Lab.Test", "a-b.c--d", "1.test", "xn--bcher-kva", LONGEST_LABEL, LONGEST_NAME];
const NO_DNS_NAMES = ["", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "ä.test", "a\n", "a;b", "*", "a/b", "a@b"];
const TOO_LONG = [`${LONGEST_LABEL}a`, `${LONGEST_NAME}a`];
const ADDRESSES = ["0.0.0.0", "255.255.255.255", "::", "::1", "2001:DB8::1", "::ffff:1.2.3.4"];
const NO_ADDRESSES = ["", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4:80", "[::1]", "::1%lo", ":::", "g::"];

describe("isDnsName", () => {
  it.each(DNS_NAMES)("takes %s", (name) => {
    expect(isDnsName(name)).toBe(true);
  });

  it.each([...NO_DNS_NAMES, ...TOO_LONG, ...ADDRESSES, "*.a", "1", "1.2"])("refuses %j", (name) => {
    expect(isDnsName(name)).toBe(false);
  });
});

describe("isWildcardDnsName", () => {
  it.each(["*.a", "*.lab.test", `*.${LONGEST_NAME}`])("takes %s", (name) => {
    expect(isWildcardDnsName(name)).toBe(true);
  });

  it.each(["", "*", "*.", "lab.test", "a*.test", "*a.test", "*.*.test", "a.*.test", "**.test", "*.1.2.3.4", "*..a"])(
    "refuses %j",
    (name) => {
      expect(isWildcardDnsName(name)).toBe(false);
    },
  );
});

describe("isIpAddress", () => {
  it.each(ADDRESSES)("takes %s", (address) => {
    expect(isIpAddress(address)).toBe(true);
  });

  it.each([...NO_ADDRESSES, ...DNS_NAMES])("refuses %j", (address) => {
    expect(isIpAddress(address)).toBe(false);
  });
});

describe("canonicalAddress", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["0::0", "::"],
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["lab.test", "lab.test"],
    ["", ""],
  ])("writes %j as %j", (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });

  it("writes every address in one way, which is an address", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const canonical = canonicalAddress(address);
        expect(isIpAddress(canonical)).toBe(true);
        expect(canonicalAddress(canonical)).toBe(canonical);
        expect(canonicalAddress(address.toUpperCase())).toBe(canonical);
      }),
    );
  });
});
