import { describe, expect, it } from "@jest/globals";

import { checkUpstream, lookedUpName, targetOf, type UpstreamView } from "../../components/upstream.ts";

describe("the url of an upstream", () => {
  it.each([
    ["http://app", { scheme: "http", host: "app", port: 80, path: undefined }],
    ["https://app", { scheme: "https", host: "app", port: 443, path: undefined }],
    ["http://project_app_1:3000", { scheme: "http", host: "project_app_1", port: 3000, path: undefined }],
    ["http://app:3000/", { scheme: "http", host: "app", port: 3000, path: "/" }],
    ["http://app:3000/v1/", { scheme: "http", host: "app", port: 3000, path: "/v1" }],
    ["https://192.0.2.1:65535/a.b/c", { scheme: "https", host: "192.0.2.1", port: 65_535, path: "/a.b/c" }],
    ["http://[2001:db8::1]:80", { scheme: "http", host: "[2001:db8::1]", port: 80, path: undefined }],
  ])("%s has its parts", (url, target) => {
    expect(targetOf(url)).toEqual(target);
  });

  it.each([
    "",
    "app:3000",
    "ftp://app",
    "HTTP://app",
    "http://App",
    "http://",
    "http://:80",
    "http://app:",
    "http://app:0",
    "http://app:65536",
    "http://app:80:80",
    "http://user@app",
    "http://app?a",
    "http://app/?a",
    "http://app#a",
    "http://app/a b",
    "http://app/a%20b",
    "http://app/../a",
    "http://app//a",
    "http://app;",
    "http://$app",
    "http://a{b",
    "http://-app",
    "http://[::g]",
    "http://[1.2.3.4]",
    "http://app\n",
  ])("is not %j", (url) => {
    expect(() => targetOf(url, "a.url")).toThrow(
      "'a.url' must be http://HOST:PORT or https://HOST:PORT, HOST in small letters, with a path of letters, digits and ._-/ " +
        `or without one, got ${JSON.stringify(url)}`,
    );
  });

  it.each(["127.0.0.1", "127.1.2.3", "0.0.0.0", "[::1]", "[::]", "localhost"])(
    "leads to nginx itself with %s",
    (host) => {
      expect(() => targetOf(`http://${host}:3000`, "a.url")).toThrow(
        `'a.url' names ${host}, which is nginx's own container: call the machine that it runs on host.docker.internal`,
      );
    },
  );

  it("has an IPv6 address in its shortest form, for nginx does not read all others", () => {
    expect(targetOf("http://[1:2:3:4:5:6:7::]").host).toBe("[1:2:3:4:5:6:7:0]");
    expect(targetOf("http://[2001:0db8:0:0::1]").host).toBe("[2001:db8::1]");
    expect(() => targetOf("http://[0:0:0:0:0:0:0:1]")).toThrow("names [::1], which is nginx's own container");
  });

  it.each<[Partial<UpstreamView>, string | undefined]>([
    [{ url: "http://app" }, "app:80"],
    [{ url: "https://api.example/v1", keepAlive: 0 }, "api.example:443"],
    [{ url: "http://app", keepAlive: 1 }, undefined],
    [{ url: "http://host.docker.internal:3000" }, undefined],
    [{ url: "http://192.0.2.1" }, undefined],
    [{ url: "http://[2001:db8::1]" }, undefined],
  ])("of %j is looked up while nginx runs as %s", (upstream, name) => {
    expect(lookedUpName(upstream as UpstreamView)).toBe(name);
  });
});

describe("an upstream", () => {
  const HTTPS = "https://192.0.2.1";

  it.each<Partial<UpstreamView>>([
    {},
    { host: "a.example:81", webSocket: false, keepAlive: 0, timeoutSeconds: 1, maxBodySize: "0" },
    { keepAlive: 1000, timeoutSeconds: 86_400, maxBodySize: "999999999g" },
    { url: "https://app", hasClientCert: true },
    { url: HTTPS, serverName: "app.example" },
  ])("is right with %j", (change) => {
    expect(() => checkUpstream({ url: "http://app", ...change }, "u")).not.toThrow();
  });

  it.each<[object, string]>([
    [{ url: "x" }, "'u.url' must be http://HOST:PORT"],
    [
      { serverName: "app" },
      "'u' has what TLS needs, a server name or a certificate, and the url http://app: take https, or leave them out",
    ],
    [{ hasClientCert: true }, "'u' has what TLS needs, a server name or a certificate, and the url http://app"],
    [{ url: HTTPS, serverName: "a b" }, "'u.serverName' must be a DNS name, got \"a b\""],
    [{ url: HTTPS, serverName: "192.0.2.1" }, "'u.serverName' must be a DNS name, got \"192.0.2.1\""],
    [
      { url: HTTPS },
      "'u' must have a 'serverName', for nginx looks for no 192.0.2.1 in a certificate: give it a DNS name that is there",
    ],
    [{ url: "https://project_app_1" }, "'u' must have a 'serverName', for nginx looks for no project_app_1 in"],
    [{ host: "a b" }, "'u.host' must be a name, with a port or without one, got \"a b\""],
    [{ webSocket: "on" }, "'u.webSocket' must be true or false, got \"on\""],
    [{ keepAlive: -1 }, "'u.keepAlive' must be a whole number from 0 to 1000, got -1"],
    [{ keepAlive: 1.5 }, "'u.keepAlive' must be a whole number from 0 to 1000, got 1.5"],
    [{ timeoutSeconds: 0 }, "'u.timeoutSeconds' must be a whole number from 1 to 86400, got 0"],
    [{ timeoutSeconds: "60" }, "'u.timeoutSeconds' must be a whole number from 1 to 86400, got \"60\""],
    [{ maxBodySize: "16 MB" }, "'u.maxBodySize' must be a number of bytes, like 512k, 16m or 2g, got \"16 MB\""],
    [{ maxBodySize: "-1" }, "'u.maxBodySize' must be a number of bytes, like 512k, 16m or 2g, got \"-1\""],
  ])("is refused in one sentence with %j", (change, sentence) => {
    expect(() => checkUpstream({ url: "http://app", ...change }, "u")).toThrow(sentence);
  });
});
