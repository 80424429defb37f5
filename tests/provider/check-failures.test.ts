/** What the engine is told of wrong inputs; it prints the value of each property that is named. */
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import proto from "@pulumi/pulumi/proto/provider_pb.js";

import { identity } from "../test-pki.ts";
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

  expect(failuresOf(response)).toEqual([
    ["", `'issuerCertPem' must be PEM with the label CERTIFICATE, got "x"`],
    ["validityPeriodHours", "must be more than 0 and at most 876000 (100 years), got 0"],
    ["earlyRenewalHours", "must be at least 0 and less than 'validityPeriodHours' (0), got -1"],
  ]);
});

it("knows a new resource by its old inputs, of which there are none", async () => {
  const { certPem } = await identity({
    subject: { commonName: "CA" },
    isCa: true,
    keyUsages: ["keyCertSign", "cRLSign"],
  });
  const inputs = struct({ issuerCertPem: certPem, revoked: [], validityPeriodHours: 2, earlyRenewalHours: 1 });
  const urn = "urn:pulumi:test::lab::mtls:index:RevocationList::list";
  const check = (olds: typeof inputs) =>
    plugin.call<proto.CheckResponse>("check", new proto.CheckRequest().setUrn(urn).setOlds(olds).setNews(inputs));

  expect(failuresOf(await check(struct({})))).toEqual([
    [
      "",
      "'issuerPrivateKeyPem' must sign the list, and it is not here: bring it back, or use the list that the CA itself gives out",
    ],
  ]);
  expect(failuresOf(await check(inputs))).toEqual([]);
});

function failuresOf(response: proto.CheckResponse): [property: string, reason: string][] {
  return response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
}
