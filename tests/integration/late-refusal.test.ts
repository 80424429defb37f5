/** What a component can refuse only when the engine has told it of another resource, by a program on the real engine. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { ExampleProgram } from "../example-program.ts";
import { identity } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const PROGRAM = `
import { readFileSync } from "node:fs";
import { ImportedCA, NginxMtlsSite, RootCA, ServerCert } from "mtls-lab";

const root = new RootCA("root", { subject: { commonName: "Root" } });
const serverCert = new ServerCert("server", { issuer: root, dnsNames: ["shop.localhost"], validityPeriodHours: 24 });
const company = new ImportedCA("company", { certPem: readFileSync("company.crt", "utf8") });
new NginxMtlsSite("site", {
  serverCert,
  clientIssuers: [company],
  locations: [{ path: "/admin", allow: [{ issuer: company }] }],
  directory: import.meta.dirname + "/site",
  deploy: "none",
});
`;

const program = new ExampleProgram("late-refusal.ts", PROGRAM);
beforeAll(() => program.open());
afterAll(() => program.remove());

describe("a CA whose name nginx cannot read", () => {
  it("is refused in the preview, in one sentence", async () => {
    const subject = { commonName: "Company", organization: "é".repeat(400) };
    const { certPem } = await identity({
      isCa: true,
      keyUsages: ["keyCertSign", "cRLSign"],
      extendedKeyUsages: [],
      subject,
    });
    program.write("company.crt", certPem);

    const said = await program.refusedUp();
    expect(said).toMatch(
      /error: 'locations\[0\]\.allow' lets in "everybody certified by CN=Company,O=\\\\C3\\\\A9.*, of which nginx\.conf must say \d+ bytes, and nginx takes 4000: shorten .*\n/,
    );
    expect(said).not.toMatch(/^\s+at /m);
  });
});
