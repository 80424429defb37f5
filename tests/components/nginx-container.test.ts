import { afterEach, describe, expect, it, jest } from "@jest/globals";

import type { NginxMtlsSiteArgs } from "../../components/nginx-mtls-site-args.ts";
import { declared, inspect } from "../mocks.ts";
import { site } from "../site.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

describe("the container of a site", () => {
  it("may do nothing but serve the mounted directory", async () => {
    jest.spyOn(process, "getuid").mockReturnValue(0);
    await declared(() => site());

    const { inputs, deleteBeforeReplace } = inspect("site-container");
    expect(deleteBeforeReplace).toBe(true); // two containers cannot publish one port
    expect(inputs).toEqual({
      name: "mtls-lab-test-site",
      image: "<id site-image>",
      entrypoints: ["nginx"],
      command: ["-p", "/etc/nginx/site/current/", "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"],
      user: "101:101",
      readOnly: true,
      memory: 128,
      memorySwap: 128,
      ulimits: [{ name: "nofile", soft: 4096, hard: 4096 }],
      tmpfs: { "/tmp": "mode=1777,size=64m" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      mounts: [{ type: "bind", source: "/srv/site", target: "/etc/nginx/site", readOnly: true }],
      ports: [
        { internal: 8080, external: 8080, ip: "127.0.0.1" },
        { internal: 8443, external: 8443, ip: "127.0.0.1" },
      ],
      labels: [{ label: "mtls-lab.directory", value: "<identity site-files>" }],
      restart: "unless-stopped",
      stopSignal: "SIGQUIT",
      stopTimeout: 10,
      destroyGraceSeconds: 10,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      healthcheck: {
        tests: [
          "CMD-SHELL",
          "wget -q -O /dev/null http://127.0.0.1:8081/healthz || curl -fs http://127.0.0.1:8081/healthz",
        ],
        interval: "30s",
        timeout: "3s",
        retries: 3,
      },
    });
  });

  it.each([
    ["root", 0, 0, { uid: 101, gid: 101 }],
    ["somebody", 1000, 100, { uid: 1000, gid: 100 }],
  ])("and its files belong, if %s runs the update, to a user that is not root", async (_, uid, gid, owner) => {
    jest.spyOn(process, "getuid").mockReturnValue(uid);
    jest.spyOn(process, "getgid").mockReturnValue(gid);
    await declared(() => site());

    const user = `${owner.uid}:${owner.gid}`;
    expect(inspect("site-container").inputs.user).toBe(user);
    expect(inspect("site-files").inputs.owner).toEqual(owner);
    expect(inspect("site-files").inputs.test).toEqual({
      image: "<id site-image>",
      mountPath: "/etc/nginx/site",
      user,
      delivery: "mount",
    });
  });

  it("has its files in a volume where they are uploaded, and waits for them", async () => {
    await declared(() => site({ delivery: "upload" }));

    expect(inspect("site-volume").inputs).toEqual({ name: "mtls-lab-test-site" });
    expect(inspect("site-files").inputs.test).toMatchObject({ delivery: "upload" });
    expect(inspect("site-upload").inputs).toMatchObject({
      directory: "/srv/site",
      version: "<version site-files>",
      volume: "mtls-lab-test-site",
      image: "<id site-image>",
      mountPath: "/etc/nginx/site",
    });
    expect(inspect("site-container").inputs.mounts).toEqual([
      { type: "volume", source: "mtls-lab-test-site", target: "/etc/nginx/site", readOnly: true },
    ]);
    expect(inspect("site-reload").inputs.version).toBe("<uploaded site-upload>");
  });

  it("may use as much memory and as many files as is said", async () => {
    await declared(() => site({ memory: 64, openFiles: 2048 }));

    expect(inspect("site-container").inputs).toMatchObject({
      memory: 64,
      memorySwap: 64,
      ulimits: [{ name: "nofile", soft: 2048, hard: 2048 }],
    });
  });

  it("is published on the host's chosen address and ports, under a chosen name", async () => {
    await declared(() => site({ bindAddress: "::1", httpPort: 80, httpsPort: 443, containerName: "web" }));

    const { name, ports } = inspect("site-container").inputs;
    expect(name).toBe("web");
    expect(ports).toEqual([
      { internal: 8080, external: 80, ip: "::1" },
      { internal: 8443, external: 443, ip: "::1" },
    ]);
  });

  it("is in the networks of its services, knows the machine, and its test is where it is", async () => {
    const names = { networks: ["a", "b"], hostNames: ["host.docker.internal"], lookedUpNames: ["app:3000"] };
    const locations = ["http://app:3000", "http://host.docker.internal"].map((url, index) => ({
      path: `/${index}`,
      upstream: { url },
    }));
    await declared(() => site({ networks: names.networks, locations }));

    expect(inspect("site-container").inputs).toMatchObject({
      networksAdvanced: [{ name: "a" }, { name: "b" }],
      hosts: [{ host: "host.docker.internal", ip: "host-gateway" }],
    });
    expect(inspect("site-files").inputs.test).toMatchObject(names);
  });

  it.each([
    [{}, "nginx:stable"],
    [{ image: "nginx@sha256:0" }, "nginx@sha256:0"],
  ])("with %j is of the image %s, which stays when the site goes", async (args, name) => {
    await declared(() => site(args));

    expect(inspect("site-image").inputs).toEqual({ name, keepLocally: true });
  });

  it.each<[Partial<NginxMtlsSiteArgs>, object]>([
    [{}, {}],
    [{ verifyClient: "optional" }, { statusWithoutCertificate: 200 }],
    [{ verifyClient: "optional_no_ca" }, { statusWithoutCertificate: 200 }],
    [{ verifyClient: "off" }, { statusWithoutCertificate: 200 }],
    [
      { bindAddress: "192.0.2.1", httpsPort: 443 },
      { address: "192.0.2.1", port: 443 },
    ],
    [{ bindAddress: "0.0.0.0" }, { address: "127.0.0.1" }],
  ])("with %j is reloaded until clients find what was declared", async (args, differences) => {
    await declared(() => site(args));

    expect(inspect("site-reload").inputs).toEqual({
      containerId: "site-container-id",
      version: "<version site-files>",
      address: "127.0.0.1",
      port: 8443,
      serverName: "lab.localhost",
      fingerprintSha256: "<fingerprint web-cert>",
      statusWithoutCertificate: 400,
      ...differences,
    });
  });
});
