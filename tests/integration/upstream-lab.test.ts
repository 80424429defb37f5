/** A lab in front of a service in a container, which comes and goes. The steps follow each other. */
import { existsSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type Echo, startEchoService } from "../echo-service.ts";
import { docker, LiveLab } from "../live-lab.ts";
import { settingsIn } from "../readme.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("upstream");
const network = `${lab.stack}-network`;
/** Containers of the test, all in that network. */
const started: string[] = [];
let count = 0;

beforeAll(async () => {
  docker("network", "create", network);
  start("app");
  await lab.open();
});
afterAll(async () => {
  try {
    await lab.remove();
  } finally {
    for (const container of started) docker("rm", "--force", container);
    docker("network", "rm", network);
  }
});

/** Starts a service that answers with the name of its client; `alias` is its own name in the network. */
function start(alias: string): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path /tmp/${name};`);
  const server = 'server { listen 3000; return 200 "hello $http_x_ssl_client_s_dn"; }';
  const conf = `pid /tmp/pid; events {} http { access_log off; ${folders.join(" ")} ${server} }`;
  const container = `${lab.stack}-${alias}-${(count += 1)}`;
  started.push(container);
  const where = ["--network", network, "--network-alias", alias, "--user", "101:101", "--entrypoint", "sh"];
  const command = `echo '${conf}' > /tmp/conf && exec nginx -e stderr -c /tmp/conf -g "daemon off;"`;
  docker("run", "--detach", "--name", container, ...where, "nginx:stable", "-c", command);
  return container;
}

const addressOf = (container: string) =>
  docker("inspect", "--format", `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, container);
const version = () => readlinkSync(lab.file("site/current"));
/** Status and body at a path, for alice. */
const ask = (path: string) => lab.curl(path, ...lab.as("alice"));
/** Waits for what nginx is to find out: it asks for a name again after 10 s. */
async function until(status: number, path: string): Promise<string> {
  for (;;) {
    const answer = await ask(path);
    if (answer.status === status) return answer.body;
    if (answer.status !== 502 && answer.status !== 504) throw new Error(`${answer.status}: ${answer.body}`);
  }
}

const SETTINGS = { networks: [network], upstreams: { "/app": "http://app:3000" } };

describe("a lab", () => {
  /** The service's, before it went. */
  let address = "";

  it.each([
    [
      { upstreams: { "/app": "https://app:3000" }, networks: [network] },
      "'upstreams' has '/app' with https, for which a CA must be named: take http, or a program (see docs/upstreams.md)",
    ],
    [
      { upstreams: { "/app": "http://app:3000" } },
      "'networks' is empty, and Docker's default network knows no app: name the network of the service, or take an address or " +
        "host.docker.internal in http://app:3000",
    ],
  ])("with %j is refused in one sentence, and nothing is made", async (settings, words) => {
    lab.configure(settings);
    const sentence = `Pulumi.${lab.stack}.yaml: configuration key ${words}\n`;

    expect(await lab.lab("up")).toEqual({ status: 2, stdout: "", stderr: sentence });
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
  });

  it("refuses a network that there is not, and starts no container", async () => {
    lab.configure({ ...SETTINGS, networks: [`${network}-2`] });
    const { status, stdout, stderr } = await lab.lab("up");

    expect(status).toBe(1);
    expect(stdout + stderr).toContain(
      `'networks' has ${network}-2, which Docker does not know: make it with docker network create ${network}-2`,
    );
    expect(existsSync(lab.file("site/current"))).toBe(false);
  });

  it("refuses a service that there is not, in nginx's words, before its first version is served", async () => {
    lab.configure({ ...SETTINGS, upstreams: { "/app": "http://nowhere:3000" } });
    const { status, stdout, stderr } = await lab.lab("up");

    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(
      /nginx refuses the new configuration, the site stays as it was: .*\[emerg\] .*host not found in upstream "nowhere:3000" in /,
    );
    expect(existsSync(lab.file("site/current"))).toBe(false);
  });

  it("stands in front of one that there is, and its own pages stay", async () => {
    lab.configure(SETTINGS);
    await lab.up();

    expect(await ask("/app")).toEqual({ status: 200, body: "hello CN=alice,O=Jack-GM" });
    expect((await lab.curl("/app")).status).toBe(400);
    expect((await ask("/")).body).toContain("<h1>Hello, alice</h1>");
    expect((await lab.up())[0]).toMatch(/^29 unchanged$/);
    const { stdout } = await lab.lab("pulumi", "preview", "--refresh", "--expect-no-changes");
    expect(stdout).toContain("29 unchanged");
  });

  it("refuses one more that there is not, and goes on as before", async () => {
    const before = version();
    lab.configure({ ...SETTINGS, upstreams: { ...SETTINGS.upstreams, "/more": "http://nowhere:3000" } });
    const { status, stdout, stderr } = await lab.lab("up");

    expect(status).toBe(1);
    expect(stdout + stderr).toContain('host not found in upstream "nowhere:3000"');
    expect(version()).toBe(before);
    expect((await ask("/app")).status).toBe(200);
  });

  it("loads a revocation while its service is away, which costs nothing but the service", async () => {
    address = addressOf(started[0]!);
    docker("rm", "--force", started.shift()!);
    lab.configure({ ...SETTINGS, revoked: { bob: "keyCompromise" } });
    await lab.up();

    expect(await until(502, "/app")).toContain("<h1>502 Bad Gateway</h1>");
    expect((await ask("/whoami")).status).toBe(200);
    expect((await lab.curl("/whoami", ...lab.as("bob"))).status).toBe(400);
  });

  it("starts again while its service is away", async () => {
    docker("restart", lab.container);

    for (;;) if ((await ask("/whoami")).status === 200) break;
    expect((await ask("/app")).status).toBe(502);
  });

  it("finds the service at another address, without being told", async () => {
    start("placeholder"); // if nobody has taken the address of the service yet, this does
    expect(addressOf(start("app"))).not.toBe(address);

    expect(await until(200, "/app")).toBe("hello CN=alice,O=Jack-GM");
  });

  it("stands in front of one on the machine itself as the README says, without a network", async () => {
    const service = await startEchoService();
    const [{ upstreams }] = settingsIn("README.md").filter((settings) => "upstreams" in settings) as [typeof SETTINGS];
    const here = JSON.parse(JSON.stringify(upstreams).replace(":3000", `:${service.port}`)) as object;
    const base = `http://host.docker.internal:${service.port}/base`;
    lab.configure({ upstreams: { ...here, "/": base }, access: { "/admin": ["bob"], "/api/": ["alice"] } });
    await lab.up();
    const asked = ["/api/x", "/x", "/admin", "/whoami"].flatMap((path) =>
      ["alice", "bob"].map(async (client) => {
        const { status, body } = await lab.curl(path, ...lab.as(client));
        return status === 200 && path !== "/whoami" ? (JSON.parse(body) as Echo).url : status;
      }),
    );
    const found = await Promise.all(asked);
    await service.close();

    expect(found).toEqual(["/api/x", 403, "/base/x", "/base/x", 403, "/base/admin", 200, 200]);
  });
});
