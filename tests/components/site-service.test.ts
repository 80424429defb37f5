import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import type { NginxMtlsSiteArgs } from "../../components/nginx-mtls-site-args.ts";
import { declared, inspect, refusalOf, secret, tree } from "../mocks.ts";
import { contentOf, NAMES, site } from "../site.ts";

beforeEach(() => {
  jest.spyOn(process, "getuid").mockReturnValue(0);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const service = (args: Partial<NginxMtlsSiteArgs> = {}) => site({ target: "swarm", ...args });

describe("the service of a site", () => {
  it("owns its image, its files, an object of the swarm for each of them, and the rollout", async () => {
    const { serviceName, containerName } = await declared(() => service());

    expect({ serviceName, containerName }).toEqual({ serviceName: "mtls-lab-test-site", containerName: undefined });
    expect(tree().filter((line) => line.includes(" site"))).toEqual([
      "NginxMtlsSite site",
      "  RemoteImage site-image",
      "  Secret site-server.key",
      "  Service site-service",
      "  ServiceConfig site-client-ca.crt",
      "  ServiceConfig site-nginx.conf",
      "  ServiceConfig site-pages-errors-403.html",
      "  ServiceConfig site-pages-errors-495.html",
      "  ServiceConfig site-pages-errors-496.html",
      "  ServiceConfig site-pages-errors-497.html",
      "  ServiceConfig site-pages-index.html",
      "  ServiceConfig site-server.crt",
      "  SiteFiles site-files",
      "  SiteRollout site-rollout",
    ]);
  });

  it("has its key as a secret, all else as configs, under a name that comes with a content and goes with it", async () => {
    await declared(() => service());

    const labels = [{ label: "mtls-lab.site", value: "/srv/site" }];
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    expect(inspect("site-server.key").inputs).toEqual({
      name: "mtls-lab-test-site-server.key-v1-0",
      data: secret(base64("<private web-key>")),
      labels,
    });
    expect(inspect("site-nginx.conf").inputs).toEqual({
      name: "mtls-lab-test-site-nginx.conf-v1-0",
      data: base64(contentOf("nginx.conf")),
      labels,
    });
    const { containerSpec } = inspect("site-service").inputs.taskSpec as { containerSpec: Record<string, object[]> };
    expect(containerSpec.secrets).toEqual([
      {
        secretId: "site-server.key-id",
        secretName: "mtls-lab-test-site-server.key-v1-0",
        fileName: "/etc/nginx/site/current/server.key",
        fileUid: "101",
        fileGid: "101",
        fileMode: 0o600,
      },
    ]);
    expect(containerSpec.configs).toHaveLength(8);
    expect(containerSpec.configs).toContainEqual({
      configId: "site-pages-errors-403.html-id",
      configName: "mtls-lab-test-site-pages-errors-403.html-v1-0",
      fileName: "/etc/nginx/site/current/pages/errors/403.html",
      fileUid: "101",
      fileGid: "101",
      fileMode: 0o644,
    });
  });

  it("may do nothing but serve, and is changed task by task, the new one first", async () => {
    await declared(() => service());

    const { inputs, deleteBeforeReplace } = inspect("site-service");
    expect(deleteBeforeReplace).toBe(true);
    const rolling = { parallelism: 1, order: "start-first", monitor: "2s" };
    expect(inputs).toEqual({
      name: "mtls-lab-test-site",
      labels: [{ label: "mtls-lab.site", value: "/srv/site" }],
      mode: { replicated: { replicas: 2 } },
      updateConfig: { ...rolling, failureAction: "rollback" },
      rollbackConfig: rolling,
      endpointSpec: {
        mode: "vip",
        ports: [
          { publishMode: "ingress", protocol: "tcp", targetPort: 8080, publishedPort: 8080 },
          { publishMode: "ingress", protocol: "tcp", targetPort: 8443, publishedPort: 8443 },
        ],
      },
      taskSpec: {
        resources: { limits: { memoryBytes: 128 * 2 ** 20 } },
        logDriver: { name: "json-file", options: { "max-size": "10m", "max-file": "3" } },
        containerSpec: {
          image: "<id site-image>",
          user: "101:101",
          env: { MTLS_LAB_REVISION: expect.stringMatching(/^[0-9a-f]{16}$/) },
          commands: ["nginx"],
          args: ["-p", "/etc/nginx/site/current/", "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"],
          readOnly: true,
          capDrops: ["ALL"],
          mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { mode: 0o777, sizeBytes: 64 * 2 ** 20 } }],
          stopSignal: "SIGQUIT",
          stopGracePeriod: "10s",
          healthcheck: {
            tests: [
              "CMD-SHELL",
              "wget -q -O /dev/null http://127.0.0.1:8081/healthz || curl -fs http://127.0.0.1:8081/healthz",
            ],
            interval: "2s",
            timeout: "3s",
            retries: 3,
          },
          secrets: expect.anything(),
          configs: expect.anything(),
        },
      },
    });
  });

  it.each([
    ["nginx@sha256:0", "nginx@sha256:0"],
    ["nginx:stable", "<id site-image>"],
  ])("of the image %s runs %s, which is the same on every node", async (image, run) => {
    await declared(() => service({ image }));

    expect(inspect("site-service").inputs.taskSpec).toMatchObject({ containerSpec: { image: run } });
  });

  it("is as large and as widely published as is said", async () => {
    const args = {
      replicas: 5,
      publishMode: "host",
      memory: 64,
      openFiles: 2048,
      httpPort: 80,
      httpsPort: 443,
    } as const;
    await declared(() => service(args));

    expect(inspect("site-service").inputs).toMatchObject({
      mode: { replicated: { replicas: 5 } },
      taskSpec: { resources: { limits: { memoryBytes: 64 * 2 ** 20 } } },
      endpointSpec: {
        ports: [
          { publishMode: "host", publishedPort: 80 },
          { publishMode: "host", publishedPort: 443 },
        ],
      },
    });
    expect(contentOf("nginx.conf")).toContain("worker_rlimit_nofile 2048;");
  });

  it("is in the networks of its services, and knows the node it runs on", async () => {
    const locations = ["http://app:3000", "http://host.docker.internal"].map((url, index) => ({
      path: `/${index}`,
      upstream: { url },
    }));
    await declared(() => service({ networks: ["a", "b"], locations }));

    expect(inspect("site-service").inputs.taskSpec).toMatchObject({
      networksAdvanceds: [{ id: "site-network-0-id" }, { id: "site-network-1-id" }],
      containerSpec: { hosts: [{ host: "host.docker.internal", ip: "host-gateway" }] },
    });
  });

  it("is waited for until clients find at every task what was declared", async () => {
    await declared(() => service({ replicas: 3 }));

    const { containerSpec } = inspect("site-service").inputs.taskSpec as {
      containerSpec: { env: Record<string, string> };
    };
    expect(inspect("site-rollout").inputs).toEqual({
      serviceId: "site-service-id",
      revision: containerSpec.env.MTLS_LAB_REVISION,
      replicas: 3,
      publishMode: "ingress",
      address: "127.0.0.1",
      port: 8443,
      serverName: "lab.localhost",
      fingerprintSha256: "<fingerprint web-cert>",
      statusWithoutCertificate: 400,
    });
  });

  it.each<[Partial<NginxMtlsSiteArgs>, string]>([
    [
      { target: "swarm", bindAddress: "127.0.0.1" },
      "'bindAddress' must be 0.0.0.0 with target swarm, which publishes on every address of a node, got 127.0.0.1",
    ],
    [{ replicas: 3 }, "'replicas' is for a swarm, and 'target' is container: leave it out, or set target to swarm"],
    [
      { publishMode: "host" },
      "'publishMode' is for a swarm, and 'target' is container: leave it out, or set target to swarm",
    ],
    [{ target: "swarm", delivery: "upload" }, "'delivery' is for a container, and 'target' is swarm: leave it out"],
    [{ target: "swarm", replicas: 0 }, "'replicas' must be a whole number from 1 to 100, got 0"],
  ])("refuses %j", async (args, sentence) => {
    expect(await refusalOf(() => site(args, NAMES))).toBe(sentence);
  });
});
