/** Names that a site, a certificate or a service may have; odd ones more often than not. */
import fc from "fast-check";

import type { Subject } from "../../rules/subject.ts";

/** What means something to nginx, to mustache, to a regular expression, to a terminal or in a distinguished name. */
export const ODD_CHARACTERS = [
  ...";{}\"'\\$#~^*.:[]()/|?+=,<>&@% \n\r\t\0\x1b\x7f\x85\u2028\u202e\u212a\ud800éß中🔑",
  "\\E",
  "{{",
  "}}",
];

/** Any character there is, halves of pairs included. fast-check's own unit "binary" has no halves, and takes a second to begin with. */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));

const label = fc.oneof(
  fc.constantFrom("lab", "localhost", "LAB", "xn--bcher-kva", "0", "a-1", "q".repeat(63)),
  fc.stringMatching(/^[a-z0-9]{1,8}$/),
);

/** A DNS name that is not an address: the last label is no number. */
export const dnsName = fc
  .tuple(fc.array(label, { maxLength: 2 }), fc.constantFrom("test", "lab", "a1", "Example"))
  .map(([labels, last]) => [...labels, last].join("."));

export const serverName = fc.oneof(
  dnsName,
  dnsName.map((name) => `*.${name}`),
);

export const ipAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom("127.0.0.1", "::1", "::ffff:192.0.2.1", "2001:DB8:0:0::1", "fd00::5"),
);

/** Part of a distinguished name: what a certificate may hold, as long as nginx can read it. */
const attribute = fc.oneof(
  fc.constantFrom(
    "Acme",
    "Jack-GM",
    "x".repeat(64),
    " a",
    "a ",
    "#a",
    "a, b",
    'say "hi"',
    "-----BEGIN CERTIFICATE-----",
  ),
  fc.string({ unit: fc.constantFrom(...ODD_CHARACTERS), minLength: 1, maxLength: 8 }),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 8 }),
);

export const subject: fc.Arbitrary<Subject> = fc.record(
  {
    commonName: attribute,
    organizationalUnit: attribute,
    organization: attribute,
    locality: attribute,
    province: attribute,
    country: fc.constantFrom("CN", "DE"),
  },
  { requiredKeys: ["commonName"] },
);

const segment = fc.constantFrom(
  "a",
  "b",
  "admin",
  "Admin",
  "x-1",
  "a.b",
  "...",
  "_",
  "errors2",
  "whoami",
  "z".repeat(40),
);

/** The path of a location. */
export const sitePath = fc.oneof(
  { weight: 1, arbitrary: fc.constant("/") },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom("", "/"))
      .map(([segments, end]) => `/${segments.join("/")}${end}`),
  },
);
