/** What the provider asks of a real nginx: to test a version of the files, and to reload. */
import { createHash, X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import Docker from "dockerode";

import type { FileInput } from "../../provider/files.ts";
import { probe } from "../../provider/probe.ts";
import type { Resource } from "../../provider/resource-type.ts";
import { siteFiles } from "../../provider/site-files.ts";
import { siteReload } from "../../provider/site-reload.ts";
import { filesOf, type NginxContainer, startNginx } from "../nginx-container.ts";
import { sendRaw } from "../http-client.ts";
import { DEV_VIEW } from "../nginx-view.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { authorities, type Identity, identity } from "../test-pki.ts";
import { modesIn } from "./modes.ts";
import { changed, created, updated } from "./resources.ts";

const docker = new Docker();

/** The user of nginx in the tests' containers. Only root can give files to another. */
const OWNER = process.getuid?.() === 0 ? { uid: 101, gid: 101 } : { uid: process.getuid!(), gid: process.getgid!() };
const TEST = { image: "nginx:stable", mountPath: "/etc/nginx/site", user: `${OWNER.uid}:${OWNER.gid}` };

let clientCaPem: string;
let first: Identity;
let second: Identity;
let directory: string;
let resource: Resource;

/** The site's files with this certificate; `changes` replaces their texts, undefined takes one away. */
function files(server: Identity, changes: Record<string, string | undefined> = {}): Record<string, FileInput> {
  const texts = Object.entries({ ...filesOf({ view: DEV_VIEW, server, clientCaPem }), ...changes });
  return Object.fromEntries(
    texts.flatMap(([path, content]) =>
      content === undefined ? [] : [[path, { content, mode: path.endsWith(".key") ? "0600" : "0644" }]],
    ),
  );
}

/** Ids of containers that have the site's directory mounted, running or not. */
async function containers(): Promise<string[]> {
  const all = await docker.listContainers({ all: true });
  return all.filter(({ Mounts }) => Mounts.some(({ Source }) => Source === directory)).map(({ Id }) => Id);
}

beforeAll(async () => {
  const { root, intermediate } = await authorities("Lab");
  const names = { dnsNames: DEV_VIEW.serverNames, ipAddresses: DEV_VIEW.ipAddresses };
  const server = { subject: { commonName: "lab.localhost" }, extendedKeyUsages: ["serverAuth" as const], ...names };
  clientCaPem = root.certPem;
  first = await identity(server, intermediate);
  second = await identity(server, intermediate);
});

beforeEach(async () => {
  directory = join(temporaryFolder(), "lab/site");
  resource = await created(siteFiles, { directory, files: files(first), owner: OWNER, test: TEST });
});

describe("SiteFiles with a test", () => {
  it("publishes what nginx accepts, for nginx's user, and leaves no container behind", async () => {
    expect(resource.outputs.version).toBe("v1");
    expect(await containers()).toEqual([]);

    const own = Object.entries(modesIn(directory)).filter(([, mode]) => mode !== "l");
    const ownersOf = (paths: string[]) => new Set(paths.map((path) => statSync(path).uid));
    expect(ownersOf(own.map(([path]) => join(directory, path)))).toEqual(new Set([OWNER.uid]));
    expect(statSync(dirname(directory)).uid).toBe(process.getuid!());
  });

  it.each<[string, () => Record<string, string | undefined>, RegExp]>([
    [
      "a directive that nginx does not know",
      () => ({ "nginx.conf": "events {}\nhttp {\n  ssl_verify_cliant on;\n}\n" }),
      /\[emerg\] .*unknown directive "ssl_verify_cliant" in \/etc\/nginx\/site\/v2\/nginx\.conf:3$/,
    ],
    [
      "what it refuses, and not a name in a warning before it,",
      () => {
        const server = 'server { listen 8080; server_name "[emerg]"; }';
        return { "nginx.conf": `events {}\nhttp { ${server} ${server} }\nnonsense;\n` };
      },
      /: \S+ \S+ \[emerg\] 1#1: unknown directive "nonsense" in \S+$/,
    ],
    ["a key of another certificate", () => ({ "server.key": second.privateKeyPem }), /\[emerg\] .*key values mismatch/],
    ["no certificate", () => ({ "server.crt": undefined }), /\[emerg\] .*cannot load certificate .*v2\/server\.crt/],
    ["no CA in its file", () => ({ "client-ca.crt": "" }), /\[emerg\] .*client-ca\.crt/],
  ])("refuses %s in nginx's words, and the site stays as it was", async (_, changes, words) => {
    const before = modesIn(directory);

    const refused = updated(siteFiles, resource, { files: files(first, changes()) });
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow(/^nginx refuses the new configuration, the site stays as it was: .*$/);
    expect(modesIn(directory)).toEqual(before);
    expect(await siteFiles.read!(resource)).toEqual(resource);
    expect(await containers()).toEqual([]);
  });

  it("has another image asked, before a container of the good one is replaced", async () => {
    const image = "mtls-lab-no-such-image:1";
    expect(await changed(siteFiles, resource, { test: { ...TEST, image } })).toEqual({ update: ["test"], replace: [] });

    await expect(updated(siteFiles, resource, { test: { ...TEST, image } })).rejects.toThrow(image);
  });

  it("removes the container of a test that was killed before it started, when the site is removed", async () => {
    const name = `mtls-lab-test-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`;
    const Mounts = [{ Type: "bind" as const, Source: directory, Target: TEST.mountPath }];
    await docker.createContainer({ name, Image: TEST.image, HostConfig: { Mounts } });
    expect(await containers()).toHaveLength(1);

    await siteFiles.delete!(resource);
    expect(await containers()).toEqual([]);
  });

  it("publishes nothing at all if the first version is refused", async () => {
    const other = join(temporaryFolder(), "site");
    const inputs = {
      directory: other,
      files: { "nginx.conf": { content: "x", mode: "0644" } },
      owner: OWNER,
      test: TEST,
    };

    await expect(created(siteFiles, inputs)).rejects.toThrow("nginx refuses the new configuration");
    expect(modesIn(other)).toEqual({ ".": "d0700" });
  });

  it("publishes nothing if there is no such image", async () => {
    const test = { ...TEST, image: "mtls-lab-no-such-image:1" };

    await expect(updated(siteFiles, resource, { files: files(second), test })).rejects.toThrow(
      "mtls-lab-no-such-image:1",
    );
    expect(await siteFiles.read!(resource)).toEqual(resource);
  });
});

describe("SiteFiles whose test's files are uploaded", () => {
  const test = { ...TEST, delivery: "upload" };

  it("publishes what nginx accepts, and leaves no container and no volume behind", async () => {
    const volumes = async () => (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    const before = await volumes();
    const { outputs } = await updated(siteFiles, resource, { files: files(second), test });

    expect(outputs.version).toBe("v2");
    expect(await containers()).toEqual([]);
    expect(await volumes()).toEqual(before);
  });

  it("refuses what nginx refuses, in its words", async () => {
    const bad = files(first, { "server.key": second.privateKeyPem });

    await expect(updated(siteFiles, resource, { files: bad, test })).rejects.toThrow(
      /^nginx refuses the new configuration, the site stays as it was: .*key values mismatch/,
    );
    expect(await siteFiles.read!(resource)).toEqual(resource);
  });
});

describe("SiteFiles with services that nginx looks up while it runs", () => {
  // In every network Docker's DNS knows the containers that are there; nobody in it is called "nobody".
  const networks = ["one", "other"].map((name) => `mtls-lab-test-${process.pid}-${name}`) as [string, string];
  const service = `mtls-lab-test-${process.pid}-service`;
  const test = (names: string[], network = networks[0]) => ({ ...TEST, networks: [network], lookedUpNames: names });
  const notFound = (name: string) =>
    new RegExp(
      `^nginx refuses the new configuration, the site stays as it was: .*\\[emerg\\] .*host not found in upstream "${name}" in \\S+$`,
    );

  beforeAll(async () => {
    for (const Name of networks) await docker.createNetwork({ Name });
    const container = await docker.createContainer({
      name: service,
      Image: TEST.image,
      Entrypoint: ["tail", "-f", "/dev/null"],
      HostConfig: { NetworkMode: networks[0] },
    });
    await container.start();
  });
  afterAll(async () => {
    await docker.getContainer(service).remove({ force: true });
    for (const name of networks) await docker.getNetwork(name).remove();
  });

  it("publishes what names a service that is there, and of the search for it leaves nothing", async () => {
    const published = await updated(siteFiles, resource, { test: test([`${service}:80`]) });

    expect(Object.keys(modesIn(directory))).not.toContain("v2/lookup.conf");
    expect(await changed(siteFiles, published, {})).toEqual({ update: [], replace: [] });
    expect(await containers()).toEqual([]);
  });

  it("refuses a new name that is nobody's, and the site stays as it was", async () => {
    const before = modesIn(directory);
    const names = [`${service}:80`, "nobody:3000"];

    await expect(updated(siteFiles, resource, { test: test(names) })).rejects.toThrow(notFound("nobody:3000"));
    expect(modesIn(directory)).toEqual(before);
    expect(await containers()).toEqual([]);
  });

  it("looks for no name again that it has once found, unless it is in another network", async () => {
    const gone = { ...resource, inputs: { ...resource.inputs, test: test(["nobody:3000"]) } };

    const { outputs } = await updated(siteFiles, gone, { files: files(second) });
    expect(outputs.version).toBe("v2");
    const elsewhere = updated(siteFiles, gone, { test: test(["nobody:3000"], networks[1]) });
    await expect(elsewhere).rejects.toThrow(notFound("nobody:3000"));
  });

  it("looks in all its networks", async () => {
    const both = { ...test([`${service}:80`]), networks: [networks[1], networks[0]] };

    expect((await updated(siteFiles, resource, { test: both })).outputs.version).toBe("v2");
  });

  it("refuses a network that there is not, in one sentence", async () => {
    await expect(updated(siteFiles, resource, { test: test([], "mtls-lab-no-such-network") })).rejects.toThrow(
      /^'networks' has mtls-lab-no-such-network, which Docker does not know: make it with docker network create mtls-lab-no-such-network$/,
    );
    expect(await containers()).toEqual([]);
  });

  it("knows the machine itself by its name there, without any network", async () => {
    const conf = "pid /tmp/pid;events {}\nhttp { upstream u { server host.docker.internal:80; } }\n";
    const changes = {
      files: files(first, { "nginx.conf": conf }),
      test: { ...TEST, hostNames: ["host.docker.internal"] },
    };

    await expect(updated(siteFiles, resource, { ...changes, test: TEST })).rejects.toThrow(
      notFound("host.docker.internal:80"),
    );
    expect((await updated(siteFiles, resource, changes)).outputs.version).toBe("v2");
  });
});

describe("SiteReload", () => {
  let nginx: NginxContainer;

  /** What must be served when this certificate is declared. */
  const declared = (version: string, server: Identity) => ({
    containerId: nginx.id,
    version,
    address: "127.0.0.1",
    port: nginx.httpsPort,
    serverName: "lab.localhost",
    fingerprintSha256: new X509Certificate(server.certPem).fingerprint256,
    statusWithoutCertificate: 400,
  });

  beforeEach(async () => {
    nginx = await startNginx(directory, "current");
  });

  afterEach(() => nginx.remove());

  it("is there when a new container serves what was declared", async () => {
    const inputs = declared("v1", first);

    expect(await created(siteReload, inputs)).toEqual({
      id: nginx.id,
      inputs,
      outputs: { servedFingerprint: inputs.fingerprintSha256, servedStatus: 400 },
    });
  });

  it("has a container that stays serve a new version", async () => {
    const reload = await created(siteReload, declared("v1", first));
    await updated(siteFiles, resource, { files: files(second) });
    expect((await probe(declared("v1", first))).fingerprintSha256).toBe(reload.inputs.fingerprintSha256);
    const { outputs } = await updated(siteReload, reload, declared("v2", second));

    expect(outputs.servedFingerprint).toBe(new X509Certificate(second.certPem).fingerprint256);
    expect(await probe(declared("v2", second))).toEqual({ fingerprintSha256: outputs.servedFingerprint, status: 400 });
  });

  it("fails in nginx's words if nginx refuses to reload, and nginx goes on as it was", async () => {
    const reload = await created(siteReload, declared("v1", first));
    const untested = { files: files(first, { "nginx.conf": "nonsense;" }), test: undefined };
    await updated(siteFiles, resource, untested);

    await expect(updated(siteReload, reload, { version: "v2" })).rejects.toThrow(
      /^nginx refused to reload: .*\[emerg\] .*unknown directive "nonsense" in \/etc\/nginx\/site\/current\/nginx\.conf:1$/,
    );
    expect((await probe(declared("v1", first))).status).toBe(400);
  });

  it("does not take a client's words in the logs for nginx's own", async () => {
    const reload = await created(siteReload, declared("v1", first));
    const reloading = async (version: string, server: Identity) => {
      let isOver = false;
      const update = updated(siteReload, reload, declared(version, server)).finally(() => (isOver = true));
      const saying = (async () => {
        const words = "GET /[emerg]/start worker process 1/gracefully shutting down HTTP/1.0\r\n\r\n";
        while (!isOver)
          for (const port of [nginx.httpPort, nginx.httpsPort]) await sendRaw(port, words).catch(() => "");
      })();
      return Promise.all([update, saying]);
    };

    await updated(siteFiles, resource, { files: files(second) });
    const [{ outputs }] = await reloading("v2", second);
    expect(outputs.servedFingerprint).toBe(new X509Certificate(second.certPem).fingerprint256);

    await updated(siteFiles, resource, { files: files(first, { "nginx.conf": "nonsense;" }), test: undefined });
    await expect(reloading("v3", first)).rejects.toThrow(
      /^nginx refused to reload: \S+ \S+ \[emerg\] 1#1: unknown directive "nonsense" in \S+$/,
    );
    expect(await nginx.logs()).toMatch(/\[info\] .*GET \/\[emerg\]/);
  });

  it("fails with what is found instead, and the last lines of nginx, if that is not what was declared", async () => {
    const [inputs, other] = [declared("v1", first), declared("v1", second)];
    const where = `the site at 127.0.0.1:${nginx.httpsPort} is not what was declared`;
    const [letIn, wrong] = await Promise.allSettled([
      created(siteReload, { ...inputs, statusWithoutCertificate: 200 }),
      created(siteReload, other),
    ]);

    const words = [letIn, wrong].map((outcome) => ((outcome as PromiseRejectedResult).reason as Error).message);
    expect(words).toEqual([
      expect.stringContaining(
        `${where} (a client without a certificate gets HTTP status 400 instead of 200); the last`,
      ),
      expect.stringContaining(
        `${where} (it shows the certificate ${inputs.fingerprintSha256} instead of ${other.fingerprintSha256}); the last`,
      ),
    ]);
    expect(words[0]).toMatch(/lines of nginx:\n.*client sent no required SSL certificate/s);
  });

  it("fails at once if there is no such container", async () => {
    const reload = await created(siteReload, declared("v1", first));
    const gone = { ...reload, inputs: { ...reload.inputs, containerId: "gone" } };
    await docker.getContainer(nginx.id).stop();

    await expect(updated(siteReload, gone, { version: "v2" })).rejects.toThrow(
      "the site's container cannot run: No such container: gone",
    );
    await expect(created(siteReload, gone.inputs)).rejects.toThrow(
      "the site's container cannot run: No such container: gone",
    );
  });
});
