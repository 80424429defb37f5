import { describe, expect, it } from "@jest/globals";

import { renderClientChains } from "../../components/client-chains.ts";
import { ClientCert } from "../../components/client-cert.ts";
import { renderNginxConf } from "../../components/nginx-conf.ts";
import { renderPages } from "../../components/pages.ts";
import { ImportedCA } from "../../components/imported-ca.ts";
import { Revocation } from "../../components/revocation.ts";
import { declared, inspect, secret } from "../mocks.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { contentOf, hierarchy, site } from "../site.ts";

describe("the files of a site", () => {
  it("are configuration, certificates and pages, secret as a whole; the key for its owner only", async () => {
    await declared(() => site());

    const pages = Object.entries(renderPages({ ...DEV_VIEW, trustAnchors: ["lab"] })).map(([path, content]) => [
      `pages/${path}`,
      { content, mode: "0644" },
    ]);
    expect(pages).toHaveLength(5);
    expect(inspect("site-files").inputs.files).toEqual(
      secret({
        "nginx.conf": { content: renderNginxConf(DEV_VIEW), mode: "0644" },
        "server.crt": { content: "<web-cert><lab-1-cert>", mode: "0644" },
        "server.key": { content: "<private web-key>", mode: "0600" },
        "client-ca.crt": { content: "<lab-cert>", mode: "0644" },
        ...(Object.fromEntries(pages) as object),
      }),
    );
  });

  it("name the root of every CA of clients as trusted, each once", async () => {
    await declared(() => {
      const [a, b] = [hierarchy("a", 2), hierarchy("b", 1)];
      site({ clientIssuers: [a, a.issuer!, b] });
    });

    expect(contentOf("client-ca.crt")).toBe("<a-cert><b-cert>");
    expect(contentOf("pages/errors/495.html")).toContain("a<br>b<br>");
  });

  it("have the revocation lists beside the trusted roots, if there are any", async () => {
    await declared(() => {
      const issuer = hierarchy("a", 1);
      site({ clientIssuers: [issuer], revocation: new Revocation("r", { issuers: [issuer] }) });
    });

    const { value } = inspect("site-files").inputs.files as { value: Record<string, unknown> };
    expect(value["client-ca.crl"]).toEqual({ content: "<r-a-1><r-a>", mode: "0644" });
    expect(contentOf("nginx.conf")).toBe(renderNginxConf({ ...DEV_VIEW, checksRevocation: true }));
  });

  it("say who may see what, by the names of CAs that are known late as well", async () => {
    await declared(() => {
      const own = new ImportedCA("own", { certPem: "<own>" });
      site({ clientIssuers: [own], locations: [{ path: "/admin", allow: [{ issuer: own }] }] });
    });

    const locations = [{ path: "/admin", allow: [{ issuer: "<subject own-cert>" }] }];
    expect(contentOf("nginx.conf")).toBe(renderNginxConf({ ...DEV_VIEW, locations }));
    expect(contentOf("pages/errors/403.html")).toContain("everybody certified by &#60;subject own-cert&#62;");
  });

  it("trust nobody where no certificate is asked for", async () => {
    await declared(() => site({ clientIssuers: [], verifyClient: "off" }));

    expect(contentOf("client-ca.crt")).toBe("");
  });

  it("have what nginx needs to speak TLS to services, each in a folder; the keys for their owner only", async () => {
    await declared(() => {
      const issuer = hierarchy("a", 2);
      const clientCert = new ClientCert("gateway", { issuer, subject: { commonName: "g" }, validityPeriodHours: 24 });
      const url = "https://app";
      site({
        networks: ["net"],
        clientIssuers: [issuer],
        locations: [
          { path: "/own" },
          { path: "/plain", upstream: { url: "http://app" } },
          { path: "/pem", upstream: { url, caCertificates: "<pem>" } },
          { path: "/mutual", upstream: { url, caCertificates: [issuer, issuer.issuer!], clientCert } },
        ],
      });
    });

    const { value } = inspect("site-files").inputs.files as { value: Record<string, unknown> };
    const own = Object.entries(value).filter(([path]) => /^(upstreams|client-chains)/.test(path));
    expect(Object.fromEntries(own)).toEqual({
      "client-chains.conf": {
        content: renderClientChains([
          { issuer: "CN=a-2", chainPem: "<a-2-cert><a-1-cert>" },
          { issuer: "CN=a-1", chainPem: "<a-1-cert>" },
          { issuer: "CN=a", chainPem: "" },
        ]),
        mode: "0644",
      },
      "upstreams/2/ca.crt": { content: "<pem>", mode: "0644" },
      "upstreams/3/ca.crt": { content: "<a-cert>", mode: "0644" },
      "upstreams/3/client.crt": { content: "<gateway-cert><a-2-cert><a-1-cert>", mode: "0644" },
      "upstreams/3/client.key": { content: "<private gateway-key>", mode: "0600" },
    });
    expect(contentOf("nginx.conf")).toContain("proxy_ssl_certificate         upstreams/3/client.crt;");
  });
});
