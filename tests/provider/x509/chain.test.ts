import { describe, expect, it } from "@jest/globals";

import { certificatesOf } from "../../../provider/x509/chain.ts";
import { authorities, identity } from "../../test-pki.ts";

describe("the certificates of a PEM text", () => {
  it("are all that are in it, in its order, whatever stands between them", async () => {
    const { intermediate } = await authorities("Lab");
    const { certPem, privateKeyPem } = await identity({ subject: { commonName: "alice" } }, intermediate);
    const text = `subject=alice\n${certPem}${privateKeyPem}\r\nissuer\n${intermediate.certPem.replaceAll("\n", "\r\n")}`;

    expect(certificatesOf(text).map(({ subject }) => subject)).toEqual(["CN=alice", "CN=Lab Issuing CA"]);
  });

  it("are none where there is none", () => {
    expect(certificatesOf("")).toEqual([]);
  });

  it("are refused with the place of one that is damaged", async () => {
    const { intermediate } = await authorities("Lab");
    const damaged = intermediate.certPem.replace(/\n.{8}/, "\n");

    expect(() => certificatesOf(intermediate.certPem + damaged)).toThrow(
      "must be certificates in PEM, got 2, of which number 2 is damaged",
    );
  });
});
