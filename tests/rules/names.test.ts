import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import {
  canonicalAddress,
  isDnsName,
  isEmailAddress,
  isIpAddress,
  isIpRange,
  isUri,
  isWildcardDnsName,
} from "../../rules/names.ts";

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

describe("isIpRange", () => {
  it.each(["0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "::/0", "2001:DB8::/33", "::ffff:192.0.2.0/120", "::1/128"])(
    "takes %s",
    (range) => {
      expect(isIpRange(range)).toBe(true);
    },
  );

  it.each([
    ...ADDRESSES,
    ...NO_ADDRESSES.map((address) => `${address}/8`),
    ...["", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "::/129", "::/1280", "lab.test/24", "*.lab.test/24"],
    ...["192.0.2.0/-1", "192.0.2.0/+1", "192.0.2.0/1e1", "192.0.2.0/8.0", "192.0.2.0/ 8", "192.0.2.0/8\n"],
    ...["192.0.2.0/255.255.255.0", "192.0.2.0/24/24", "192.0.2.0//24"],
  ])("refuses %j", (range) => {
    expect(isIpRange(range)).toBe(false);
  });

  it("takes every length that an address has bits, and no other", () => {
    const lengths = fc.integer({ min: -1, max: 999 });
    fc.assert(
      fc.property(fc.ipV4(), lengths, (address, length) => {
        expect(isIpRange(`${address}/${length}`)).toBe(length >= 0 && length <= 32);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), lengths, (address, length) => {
        expect(isIpRange(`${address}/${length}`)).toBe(length >= 0 && length <= 128);
      }),
    );
  });
});

describe("isEmailAddress", () => {
  const LONGEST_LOCAL_PART = "a".repeat(64);

  it.each([
    ...["a@b", "alice@lab.test", "Alice.B+tag@LAB.test", "o'neil@lab.test", "a_b-c@1.test", "!#$%&*/=?^`{|}~@a.test"],
    `${LONGEST_LOCAL_PART}@lab.test`,
  ])("takes %s", (mailbox) => {
    expect(isEmailAddress(mailbox)).toBe(true);
  });

  it.each([
    ...["", "@", "alice", "lab.test", "@lab.test", "alice@", "alice@@lab.test", "a@b@lab.test", "alice@.lab.test"],
    ...[".a@lab.test", "a.@lab.test", "a..b@lab.test", "a b@lab.test", '"a"@lab.test', "a,b@lab.test", "ä@lab.test"],
    ...["a@192.0.2.1", "a@[192.0.2.1]", "a@*.lab.test", "a@ä.test", "a@lab.test\n", "a\n@lab.test", "A <a@lab.test>"],
    `${LONGEST_LOCAL_PART}a@lab.test`,
  ])("refuses %j", (mailbox) => {
    expect(isEmailAddress(mailbox)).toBe(false);
  });

  it("takes what mail clients write", () => {
    fc.assert(fc.property(fc.emailAddress(), (mailbox) => expect(isEmailAddress(mailbox)).toBe(true)));
  });
});

describe("isUri", () => {
  it.each([
    ...["spiffe://lab.test/web", "http://lab.test/ca.crl", "HTTPS://lab.test:8443/?a=b#c", "http://[::1]/x"],
    ...[
      "ldap://lab.test/cn=CA?certificateRevocationList",
      "urn:uuid:0b6e6d5c-6d1f-4b33-9a57-6b0f6f8b5b4f",
      "a+b.c-1:x",
    ],
  ])("takes %s", (uri) => {
    expect(isUri(uri)).toBe(true);
  });

  it.each([
    ...["", ":", "lab.test", "/ca.crl", "//lab.test/ca.crl", "ca.crl", "http:", "http://", "1http://lab.test", "ä:x"],
    ...[
      "http://lab.test/a b",
      "http://ä.test/",
      "http://lab.test/\n",
      "http://[::1/x",
      "http://lab.test:70000/",
      " a:x",
    ],
  ])("refuses %j", (uri) => {
    expect(isUri(uri)).toBe(false);
  });
});
