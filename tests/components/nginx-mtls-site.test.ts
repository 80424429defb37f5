import { afterEach, describe, expect, it, jest } from "@jest/globals";

import type { Issuer } from "../../components/issuer.ts";
import { renderNginxConf } from "../../components/nginx-conf.ts";
import type { NginxMtlsSiteArgs } from "../../components/nginx-mtls-site-args.ts";
import { Revocation } from "../../components/revocation.ts";
import { declared, inspect, refusalOf, tree } from "../mocks.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { contentOf, hierarchy, NAMES, type Names, site } from "../site.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

/** What the tree shows of the site itself. */
function ownTree(): string[] {
  return tree().filter((line) => line.includes(" site"));
}

describe("NginxMtlsSite", () => {
  it("owns an image, the files, a container and the reload", async () => {
    await declared(() => site());

    expect(ownTree()).toEqual([
      "NginxMtlsSite site",
      "  Container site-container",
      "  RemoteImage site-image",
      "  SiteFiles site-files",
      "  SiteReload site-reload",
    ]);
  });

  it("owns a volume and the upload as well, where the files are not mounted", async () => {
    await declared(() => site({ delivery: "upload" }));

    expect(ownTree()).toEqual([
      "NginxMtlsSite site",
      "  Container site-container",
      "  RemoteImage site-image",
      "  SiteFiles site-files",
      "  SiteReload site-reload",
      "  SiteUpload site-upload",
      "  Volume site-volume",
    ]);
  });

  it.each([
    ["tcp://192.0.2.7:2376", "0.0.0.0", "192.0.2.7"],
    ["tcp://127.0.0.1:2376", "127.0.0.1", "127.0.0.1"],
    ["ssh://root@docker.example", "192.0.2.8", "192.0.2.8"],
  ])("with DOCKER_HOST %s and bindAddress %s, is expected at %s", async (dockerHost, bindAddress, address) => {
    jest.replaceProperty(process, "env", { ...process.env, DOCKER_HOST: dockerHost });
    await declared(() => site({ delivery: "upload", bindAddress }));

    expect(inspect("site-reload").inputs.address).toBe(address);
  });

  it("is refused at a loopback address of another machine", async () => {
    jest.replaceProperty(process, "env", { ...process.env, DOCKER_HOST: "tcp://192.0.2.7:2376" });

    expect(await refusalOf(() => site({ delivery: "upload" }))).toBe(
      "'bindAddress' 127.0.0.1 is reached on the Docker daemon's machine (192.0.2.7) only: set 0.0.0.0",
    );
  });

  it("owns the files alone where nothing is deployed, and asks nobody to test them", async () => {
    const { containerName } = await declared(() => site({ deploy: "none" }));

    expect(containerName).toBeUndefined();
    expect(ownTree()).toEqual(["NginxMtlsSite site", "  SiteFiles site-files"]);
    expect(Object.keys(inspect("site-files").inputs).sort()).toEqual(["directory", "files", "owner"]);
  });

  it.each([
    [{}, 0, 1],
    [{}, 1, 1],
    [{}, 2, 2],
    [{}, 4, 4],
    [{ verifyDepth: 0 }, 2, 0],
    [{ verifyDepth: 3 }, 1, 3],
  ])("with %j and clients below %i intermediates, takes chains of depth %i", async (args, intermediates, depth) => {
    const { verifyDepth } = await declared(() => site({ clientIssuers: [hierarchy("c", intermediates)], ...args }));

    expect(verifyDepth).toBe(depth);
    expect(contentOf("nginx.conf")).toBe(renderNginxConf({ ...DEV_VIEW, verifyDepth: depth }));
  });

  it.each<[Partial<NginxMtlsSiteArgs>, Partial<Names>, string, string]>([
    [{}, NAMES, "https://lab.localhost:8443/", "http://lab.localhost:8080/"],
    [{ httpPort: 80, httpsPort: 443 }, NAMES, "https://lab.localhost/", "http://lab.localhost/"],
    [{ httpPort: 443, httpsPort: 80 }, NAMES, "https://lab.localhost:80/", "http://lab.localhost:443/"],
    [{}, { dnsNames: ["*.lab.test"] }, "https://www.lab.test:8443/", "http://www.lab.test:8080/"],
    [{}, { ipAddresses: ["192.0.2.1"] }, "https://192.0.2.1:8443/", "http://192.0.2.1:8080/"],
    [{}, { ipAddresses: ["2001:db8:0::1"] }, "https://[2001:db8::1]:8443/", "http://[2001:db8::1]:8080/"],
  ])("with %j for %j is at %s and %s", async (args, names, url, httpUrl) => {
    expect(await declared(() => site(args, names))).toMatchObject({ url, httpUrl });
  });

  it.each<[Partial<NginxMtlsSiteArgs>, number]>([
    [{}, 400],
    [{ locations: [{ path: "/", allow: [] }] }, 400],
    [{ verifyClient: "optional" }, 200],
    [{ verifyClient: "optional", locations: [{ path: "/", allow: [] }] }, 403],
    [{ verifyClient: "optional", locations: [{ path: "/", allow: [{ everybody: true }] }] }, 200],
    [{ verifyClient: "optional", locations: [{ path: "/admin", allow: [] }, { path: "/" }] }, 200],
    [{ verifyClient: "off" }, 200],
  ])("with %j waits for a site that answers %i to who has no certificate", async (args, status) => {
    await declared(() => site(args));

    expect(inspect("site-reload").inputs.statusWithoutCertificate).toBe(status);
  });

  it("stores no file, key or certificate of its own", async () => {
    await declared(() => site());

    const { inputs, outputs } = inspect("site");
    expect(inputs).toEqual({
      bindAddress: "127.0.0.1",
      httpPort: 8080,
      httpsPort: 8443,
      verifyClient: "on",
      tlsPolicy: "intermediate",
      http2: false,
    });
    expect(outputs).toEqual({
      url: "https://lab.localhost:8443/",
      httpUrl: "http://lab.localhost:8080/",
      containerName: "mtls-lab-test-site",
    });
  });

  const NO_CA = (mode: string) => `'clientIssuers' is empty with verifyClient ${mode}: name the CA of the clients`;
  it.each<[Partial<NginxMtlsSiteArgs>, Partial<Names>, string]>([
    [{ httpPort: 8443 }, NAMES, "'httpPort' and 'httpsPort' are both 8443: choose two different ports"],
    [{ clientIssuers: [] }, NAMES, NO_CA("on")],
    [{ clientIssuers: [], verifyClient: "optional" }, NAMES, NO_CA("optional")],
    [{ clientIssuers: [], verifyClient: "optional_no_ca" }, NAMES, NO_CA("optional_no_ca")],
    [{ httpsPort: 0 }, NAMES, "'httpsPort' must be a whole number from 1 to 65535, got 0"],
    [{ httpPort: 99_999 }, NAMES, "'httpPort' must be a whole number from 1 to 65535, got 99999"],
    [{ memory: 8 }, NAMES, "'memory' must be a whole number from 16 to 1048576, got 8"],
    [{ openFiles: 1024 }, NAMES, "'openFiles' must be a whole number from 2048 to 1048576, got 1024"],
    [{ httpPort: 1.5 }, NAMES, "'httpPort' must be a whole number from 1 to 65535, got 1.5"],
    [
      { locations: [{ path: "/admin", allow: [{ issuer: { name: "foreign" } as Issuer }] }] },
      NAMES,
      "'locations[0].allow[0]' is about clients of foreign, whose root is above none of the 'clientIssuers': add foreign there",
    ],
    [
      { locations: [{ path: "/app", upstream: { url: "http://app" } }] },
      NAMES,
      "'networks' is empty, and Docker's default network knows no app: name the network of the service, or take an address or " +
        "host.docker.internal in http://app",
    ],
    [{ verifyDepth: -1 }, NAMES, "'verifyDepth' must be a whole number from 0 to 100, got -1"],
  ])("refuses %j for %j", async (args, names, sentence) => {
    expect(await refusalOf(() => site(args, names))).toBe(sentence);
  });

  it("refuses revocation lists that leave out a CA of the clients: nginx would let in none of them", async () => {
    const declare = () => {
      const [one, other] = [hierarchy("one", 1), hierarchy("other", 1)];
      const revocation = new Revocation("revocation", { issuers: [one] });
      site({ clientIssuers: [one, other], revocation });
    };
    expect(await refusalOf(declare)).toMatch(
      /^'revocation' has no list of other-?\w*, and nginx would let in none of its clients: give it the same 'issuers' as 'clientIssuers'$/,
    );
  });
});
