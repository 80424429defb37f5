import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "@jest/globals";

import { RootCA } from "../../components/index.ts";
import { declared, inspect, secret, tree, valueOf } from "../mocks.ts";

const subject = { organization: "Acme", commonName: "Acme Root CA" };

describe("RootCA", () => {
  it("owns one key and one certificate", async () => {
    await declared(() => new RootCA("root", { subject }));

    expect(tree()).toEqual(["RootCA root", "  Certificate root-cert", "  PrivateKey root-key"]);
    console.log(inspect("root"), inspect("root-cert"), inspect("root-key"));
  });
});
