import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { rootCertificates } from "../../../toolchain/trust/certificate.ts";
import { riskOf } from "../../../toolchain/trust/name-constraints.ts";
import { openssl } from "../../openssl.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const ANY_SITE =
  "Warning: it has no critical name constraints, so whoever has its key can impersonate any site to you.";

/** A root with an extension as OpenSSL's configuration writes it; x509v3_config(5). */
function rootWith(nameConstraints: string | undefined) {
  const extensions = ["basicConstraints=critical,CA:TRUE"];
  if (nameConstraints !== undefined) extensions.push(`nameConstraints=${nameConstraints}`);
  const made = openssl([
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Root"],
    ...["-keyout", join(temporaryFolder(), "root.key"), "-days", "1"],
    ...extensions.flatMap((extension) => ["-addext", extension]),
  ]);
  return rootCertificates(made, "root.crt")[0]!.nameConstraints;
}

describe("the name constraints of a root", () => {
  it.each([
    ["none", undefined, undefined, ANY_SITE],
    [
      "not critical",
      "permitted;DNS:lab.localhost",
      { critical: false, permitted: ["DNS lab.localhost"], excluded: [] },
      ANY_SITE,
    ],
    [
      "one domain and the loopback addresses",
      "critical,permitted;DNS:lab.localhost,permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      { critical: true, permitted: ["DNS lab.localhost", "IP 127.0.0.0/8", "IP ::1/128"], excluded: [] },
      "Critical name constraints limit what its key is good for: permitted DNS lab.localhost, IP 127.0.0.0/8, IP ::1/128.",
    ],
    [
      "one domain, and no address at all",
      "critical,permitted;DNS:lab.localhost,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::",
      { critical: true, permitted: ["DNS lab.localhost"], excluded: ["IP 0.0.0.0/0", "IP ::/0"] },
      "Critical name constraints limit what its key is good for: permitted DNS lab.localhost; excluded IP 0.0.0.0/0, IP ::/0.",
    ],
    [
      "one domain, and nothing said of addresses",
      "critical,permitted;DNS:lab.localhost",
      { critical: true, permitted: ["DNS lab.localhost"], excluded: [] },
      "Warning: its critical name constraints (permitted DNS lab.localhost) leave IP addresses open, " +
        "so whoever has its key can impersonate any site that you reach by one.",
    ],
    [
      "one domain less",
      "critical,excluded;DNS:bank.example",
      { critical: true, permitted: [], excluded: ["DNS bank.example"] },
      "Warning: its critical name constraints (excluded DNS bank.example) leave DNS names and IP addresses open, " +
        "so whoever has its key can impersonate any site that you reach by one.",
    ],
    [
      "a kind that is no site's",
      "critical,permitted;email:lab.example,permitted;URI:lab.example",
      { critical: true, permitted: ["email lab.example", "URI lab.example"], excluded: [] },
      "Warning: its critical name constraints (permitted email lab.example, URI lab.example) leave DNS names and IP addresses open, " +
        "so whoever has its key can impersonate any site that you reach by one.",
    ],
    [
      "every address",
      "critical,permitted;DNS:lab.localhost,permitted;IP:0.0.0.0/0.0.0.0",
      { critical: true, permitted: ["DNS lab.localhost", "IP 0.0.0.0/0"], excluded: [] },
      "Warning: its critical name constraints (permitted DNS lab.localhost, IP 0.0.0.0/0) leave IP addresses open, " +
        "so whoever has its key can impersonate any site that you reach by one.",
    ],
  ])("say what its key is good for: %s", (_, written, constraints, sentence) => {
    const found = rootWith(written);

    expect(found).toEqual(constraints);
    expect(riskOf(found)).toBe(sentence);
  });
});
