import { expect, it } from "@jest/globals";

import { clientFiles } from "../../rules/client-files.ts";

it("keys and passwords are for their owner only", () => {
  const files = clientFiles({ certPem: "c", chainPem: "ci", privateKeyPem: "k", pkcs12Base64: "AA==", password: "p" });

  expect(files).toEqual({
    "client.crt": { content: "c", mode: "0644" },
    "chain.crt": { content: "ci", mode: "0644" },
    "client.key": { content: "k", mode: "0600" },
    "client.p12": { content: "AA==", encoding: "base64", mode: "0600" },
    password: { content: "p", mode: "0600" },
  });
});
