import { describe, expect, it } from "@jest/globals";

import { labelOf, rootCertificates } from "../../../toolchain/trust/certificate.ts";
import { x509 } from "../../openssl.ts";
import { authorities, identity } from "../../test-pki.ts";

const { root } = await authorities("Old");
const { root: next } = await authorities("New");
const leaf = await identity({ subject: { commonName: "alice", organization: "Lab" } }, root);

describe("the certificates of root.crt", () => {
  it("are all of them, in order, while one root takes over from another", () => {
    const found = rootCertificates(`# the old one\n${root.certPem}\n${next.certPem}`, "root.crt");

    expect(found).toEqual(
      [root, next].map(({ certPem }) => ({
        pem: certPem.trim(),
        subject: certPem === root.certPem ? "CN=Old Root CA" : "CN=New Root CA",
        commonName: certPem === root.certPem ? "Old Root CA" : "New Root CA",
        sha256: x509(certPem, "-fingerprint", "-sha256").trim().split("=")[1]!.replaceAll(":", "").toLowerCase(),
        notAfter: new Date(x509(certPem, "-enddate").trim().split("=")[1]!).toISOString(),
        nameConstraints: undefined,
      })),
    );
  });

  it.each([
    ["none", "", "root.crt holds no certificate: npm run up writes it anew"],
    ["a key", root.privateKeyPem, "root.crt holds no certificate: npm run up writes it anew"],
    ["half of one", root.certPem.slice(0, 200), "root.crt holds no certificate: npm run up writes it anew"],
    [
      "a client's",
      root.certPem + leaf.certPem,
      "root.crt holds the certificate of no CA, CN=alice, O=Lab: npm run up writes it anew",
    ],
  ])("are refused with one sentence: %s", (_, text, sentence) => {
    expect(() => rootCertificates(text, "root.crt")).toThrow(
      expect.objectContaining({ message: sentence, exitCode: 1 }),
    );
  });

  it("that cannot be read are refused with the reason", () => {
    const damaged = root.certPem.replace(/\n[^\n]{10}/, "\nAAAAAAAAAA");
    expect(() => rootCertificates(damaged, "root.crt")).toThrow(
      /^root\.crt holds a certificate that cannot be read \(.+\): npm run up writes it anew$/,
    );
  });
});

describe("the name in a store", () => {
  it.each([
    ["Jack-GM Root CA", "mtls-lab dev Jack-GM Root CA 0123abcd"],
    ["Ünal: CA/1", "mtls-lab dev -nal- CA-1 0123abcd"],
    ["根", "mtls-lab dev - 0123abcd"],
  ])("tells the stack, the CA and the certificate: %s", (commonName, label) => {
    const certificate = { pem: "", subject: "", commonName, sha256: `0123abcd${"0".repeat(56)}`, notAfter: "" };
    expect(labelOf(certificate, "dev")).toBe(label);
  });

  it("is the whole subject's where that has no common name", async () => {
    const { certPem } = await identity({
      subject: { commonName: "", organization: "Lab" },
      isCa: true,
      keyUsages: ["keyCertSign"],
    });
    const [certificate] = rootCertificates(certPem, "root.crt");

    expect(labelOf(certificate!, "dev")).toBe(`mtls-lab dev O-Lab ${certificate!.sha256.slice(0, 8)}`);
  });
});
