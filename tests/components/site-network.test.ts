import { describe, expect, it } from "@jest/globals";

import { siteNetwork } from "../../components/site-network.ts";

const at = (...urls: string[]) => urls.map((url) => ({ upstream: { url } }));

describe("siteNetwork", () => {
  it("needs nothing without services, or for those with an address", () => {
    expect(siteNetwork([{}], [])).toEqual({});
    expect(siteNetwork(at("http://192.0.2.1", "http://[2001:db8::1]"), [])).toEqual({});
  });

  it("has the name of the machine itself, where a service is there", () => {
    expect(siteNetwork(at("http://host.docker.internal:3000", "http://host.docker.internal:3001"), [])).toEqual({
      hostNames: ["host.docker.internal"],
    });
  });

  it("has each name that is looked up once, with its port", () => {
    expect(siteNetwork(at("http://app", "http://app/v1", "https://app", "http://192.0.2.1"), ["a", "b"])).toEqual({
      networks: ["a", "b"],
      lookedUpNames: ["app:80", "app:443"],
    });
  });

  it.each([{}, { keepAlive: 8 }])("refuses a name without a network, in one sentence, with %j", (more) => {
    expect(() => siteNetwork([{ upstream: { url: "http://app:3000", ...more } }], [])).toThrow(
      "'networks' is empty, and Docker's default network knows no app: name the network of the service, or take an address or " +
        "host.docker.internal in http://app:3000",
    );
  });
});
