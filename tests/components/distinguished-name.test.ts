import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import {
  distinguishedName,
  isDistinguishedName,
  lastPartFirst,
  nameOfCa,
} from "../../components/distinguished-name.ts";
import type { Issuer } from "../../components/issuer.ts";
import { subjectOf } from "../../provider/ca-identity.ts";
import type { Subject } from "../../rules/subject.ts";
import { openssl, x509 } from "../openssl.ts";
import { identity } from "../test-pki.ts";
import { valueOf } from "../mocks.ts";

const SUBJECTS: Subject[] = [
  { commonName: "alice" },
  { commonName: "alice", organization: "Jack-GM", organizationalUnit: "", country: "" },
  { commonName: "a", organizationalUnit: "b", organization: "c", locality: "d", province: "e", country: "CN" },
  { commonName: ' #x" ', organization: "#A, b + c; <d>\\ = $k", locality: " ", province: "x # y " },
  { commonName: "é 上海 𝒳\u00a0", organizationalUnit: "a\n\t\u007f" },
  { commonName: "a\\\\, b", organization: "x + y, O=z", organizationalUnit: "q\\ " },
];

/** What OpenSSL makes of a certificate's subject. */
function byOpenssl(certPem: string): string {
  return x509(certPem, "-subject", "-nameopt", "RFC2253").replace("subject=", "").replace(/\n$/, "");
}

describe("a distinguished name", () => {
  it.each(SUBJECTS)("is written as OpenSSL does: %j", async (subject) => {
    const { certPem } = await identity({ subject });
    const expected = byOpenssl(certPem);

    expect(distinguishedName(subject)).toBe(expected);
    expect(lastPartFirst(subjectOf(new X509Certificate(certPem)))).toBe(expected);
    expect(isDistinguishedName(expected)).toBe(true);
  });

  it("is read from a certificate that others made, whatever its parts are", () => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-"];
    const subj = "/DC=test/DC=lab/O=A/CN=x+UID=7\\+8/OU=q/emailAddress=a@b.c";
    const certPem = openssl(["req", "-x509", "-multivalue-rdn", "-subj", subj, ...key]).replace(
      /^.*?(?=-----BEGIN C)/s,
      "",
    );

    expect(byOpenssl(certPem)).toContain("+CN=x");
    expect(lastPartFirst(subjectOf(new X509Certificate(certPem)))).toBe(byOpenssl(certPem));
  });

  it.each(["CN=a", "CN=", "OU=q,UID=7+CN=x,O=A", "CN=a\\ ,O=\\#b\\, c", "1.2.3=#0C05,CN=\\C3\\A9", "CN=$a(b)*"])(
    "may be %s",
    (text) => {
      expect(isDistinguishedName(text)).toBe(true);
    },
  );

  it.each([
    ...["", "alice", "CN", "=a", "CN=a,", "CN=a,,O=b", ",CN=a"],
    ...["CN=a, O=b", "CN=a ,O=b", "CN= a", "CN=a ", "/O=b/CN=a\u00e9", "CN=\u00e9", "CN=a\n"],
    ...["CN=a;O=b", "CN=a\\", "CN=a\\,O=b\\", "CN=<a>", 'CN="a"', "CN=#a", "CN=a\\x"],
  ])("may not be %j", (text) => {
    expect(isDistinguishedName(text)).toBe(false);
  });

  it("of a CA is known by its subject, or by the text of its certificate's", async () => {
    const known = { subject: { commonName: "Root", organization: "Acme" } } as Issuer;
    const imported = { subject: undefined, subjectText: pulumi.output("O=Acme, CN=Root") } as Issuer;

    expect(nameOfCa(known)).toBe("CN=Root,O=Acme");
    expect(await valueOf(pulumi.output(nameOfCa(imported)))).toBe("CN=Root,O=Acme");
  });
});
