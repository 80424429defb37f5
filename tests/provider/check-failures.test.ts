/** What the engine is told of wrong inputs; it prints the value of each property that is named. */
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import proto from "@pulumi/pulumi/proto/provider_pb.js";

import { keyPair } from "./keys.ts";
import { type Plugin, startPlugin, struct } from "./plugin.ts";

let plugin: Plugin;
beforeAll(async () => {
  plugin = await startPlugin();
});
afterAll(() => plugin.stop());

it("names the property, but for a PEM text: its reason says which, and no key is printed", async () => {
  const inputs = { issuerCertPem: "x", issuerPrivateKeyPem: keyPair().privateKeyPem, revoked: [] };
  const request = new proto.CheckRequest()
    .setUrn("urn:pulumi:test::lab::mtls:index:RevocationList::list")
    .setNews(struct({ ...inputs, validityPeriodHours: 0, earlyRenewalHours: -1 }));
  const response = await plugin.call<proto.CheckResponse>("check", request);

  expect(response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()])).toEqual([
    ["", `'issuerCertPem' must be PEM with the label CERTIFICATE, got "x"`],
    ["validityPeriodHours", "must be more than 0 and at most 876000 (100 years), got 0"],
    ["earlyRenewalHours", "must be at least 0 and less than 'validityPeriodHours' (0), got -1"],
  ]);
});
