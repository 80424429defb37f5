import { beforeAll, expect, it } from "@jest/globals";

import { pemCertificates } from "../../rules/pem.ts";
import { openssl } from "../openssl.ts";
import { type Identity, identity } from "../test-pki.ts";

let alice: Identity;
let bob: Identity;
beforeAll(async () => {
  alice = await identity({ subject: { commonName: "alice" } });
  bob = await identity({ subject: { commonName: "bob" } });
});

it("finds every certificate of a text, in their order, and nothing else", () => {
  const text = `${bob.certPem}# alice\n${openssl(["x509", "-text"], alice.certPem)}${alice.privateKeyPem}`;

  expect(pemCertificates(text)).toEqual([bob.certPem.trim(), alice.certPem.trim()]);
  expect(pemCertificates(alice.privateKeyPem)).toEqual([]);
});
