import { beforeAll, describe, expect, it } from "@jest/globals";

import { pkcs12 } from "../../provider/pkcs12.ts";
import type { Resource } from "../../provider/resource-type.ts";
import { openssl } from "../openssl.ts";
import { authorities, identity } from "../test-pki.ts";
import { changed, created, UNKNOWN } from "./resources.ts";

let file: Resource;

beforeAll(async () => {
  const { intermediate } = await authorities("Lab");
  const { chainPem, privateKeyPem } = await identity({ subject: { commonName: "alice" } }, intermediate);
  file = await created(pkcs12, { chainPem, privateKeyPem, friendlyName: "alice" });
});

describe("a Pkcs12", () => {
  it("has a password of 128 random bits that needs no quoting, and opens with it", async () => {
    const { contentBase64, password } = file.outputs as Record<string, string>;
    const again = await created(pkcs12, file.inputs);

    expect(password).toMatch(/^[\w-]{22}$/);
    expect(Buffer.from(password!, "base64url")).toHaveLength(16);
    expect(again.outputs.password).not.toBe(password);
    expect(again.id).not.toBe(file.id);
    const certs = openssl(["pkcs12", "-nokeys", "-passin", `pass:${password}`], Buffer.from(contentBase64!, "base64"));
    expect(certs).toContain("friendlyName: alice\n");
  });

  it("is the same file until something in it changes", async () => {
    expect(await changed(pkcs12, file, {})).toEqual({ update: [], replace: [] });
  });

  it.each([
    ["chainPem", "<other>"],
    ["chainPem", UNKNOWN],
    ["privateKeyPem", "<other>"],
    ["friendlyName", "bob"],
  ])("is made anew when %s becomes %s", async (property, value) => {
    expect(await changed(pkcs12, file, { [property]: value })).toEqual({ update: [], replace: [property] });
  });

  it("names itself by its digest, which tells nothing of the password", () => {
    expect(file.id).toMatch(/^[\da-f]{32}$/);
  });
});
