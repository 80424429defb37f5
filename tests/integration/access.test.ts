/** Who may see what in the lab of docs/access.md, as the settings change. The steps follow each other. */
import { cpSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { run } from "../checkout.ts";
import { docker, LiveLab, NOTHING } from "../live-lab.ts";
import { commands, page, settingsIn } from "../readme.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const PAGE = "docs/access.md";
const [first, changed] = settingsIn(PAGE);
const steps = commands(page(PAGE));
/** The lab's resources, and the fleet with its component. */
const UNCHANGED = [`${Number.parseInt(NOTHING[0]!) + 2} unchanged`];
const GROUP_CHANGED = ["2 updated", `${Number.parseInt(NOTHING[0]!)} unchanged`];

const lab = new LiveLab("access");
const configure = (settings: Record<string, unknown>) => lab.configure({ fleet: ["sensor-1"], ...settings });
let container: string;

beforeAll(async () => {
  await lab.open();
  configure({ ...first });
  await lab.up();
  container = containerIdentity();
});
afterAll(() => lab.remove());

/** What a running container is known by: another one, or a restart, changes it. */
function containerIdentity(): string {
  return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container);
}

/** HTTP status that each of them gets. */
async function statuses(path: string, clients = ["alice", "bob", "sensor-1"]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const client of clients) found[client] = (await lab.curl(path, ...lab.as(client))).status;
  return found;
}

describe("the page's lab", () => {
  it.each(steps)("answers as the page says: $text", async ({ text, httpStatus }) => {
    const here = text.replaceAll(".lab/dev", `.lab/${lab.stack}`).replaceAll("8443", `${lab.httpsPort}`);
    const asked = `${here} --silent --output /dev/null --write-out '%{http_code}'`;

    expect((await run("sh", ["-c", asked], lab.root)).stdout).toBe(`${httpStatus}`);
  });

  it("lets in whom its rules name, and says to the others who they are", async () => {
    expect(steps).toHaveLength(4);
    expect(await statuses("/admin")).toEqual({ alice: 200, bob: 403, "sensor-1": 403 });
    expect(await statuses("/reports")).toEqual({ alice: 200, bob: 200, "sensor-1": 403 });
    expect(await statuses("/whoami")).toEqual({ alice: 200, bob: 200, "sensor-1": 200 });

    const { body } = await lab.curl("/admin", ...lab.as("bob"));
    expect(body).toContain("<dt>Subject<dd>CN=bob,O=Jack-GM\n");
    expect(body).toContain(
      "<dt>Allowed<dd>CN=alice,O=Jack-GM, certified by CN=Jack-GM Intermediate CA,O=Jack-GM\n</dl>",
    );
  });

  it.each(["//admin", "/x/../admin", "/%61dmin", "/x%2f..%2fadmin"])("takes %s for /admin", async (path) => {
    expect((await lab.curl(path, "--path-as-is", ...lab.as("bob"))).status).toBe(403);
    expect((await lab.curl(path, "--path-as-is", ...lab.as("alice"))).status).toBe(200);
  });

  it("sees nothing to do in a second update", async () => {
    expect(await lab.up()).toEqual(UNCHANGED);
    expect((await lab.lab("pulumi", "preview", "--expect-no-changes")).status).toBe(0);
  });

  it("changes a group in one update, in the same container", async () => {
    configure({ ...changed });

    expect(await lab.up()).toEqual(GROUP_CHANGED);
    expect(await statuses("/admin")).toEqual({ alice: 200, bob: 200, "sensor-1": 403 });
    expect(containerIdentity()).toBe(container);
  });

  it("takes a client of the fleet into a group like any other", async () => {
    configure({ ...changed, groups: { ops: ["alice", "sensor-1"] } });

    expect(await lab.up()).toEqual(GROUP_CHANGED);
    expect(await statuses("/admin")).toEqual({ alice: 200, bob: 403, "sensor-1": 200 });
  });

  it("refuses a rule about nobody in one sentence, and stays as it is", async () => {
    configure({ ...changed, access: { "/admin": ["mallory"] } });
    const { status, stderr } = await lab.lab("up");

    expect(status).toBe(2);
    expect(stderr).toBe(
      `Pulumi.${lab.stack}.yaml: configuration key 'access' has 'mallory' at '/admin', which is neither a group nor a ` +
        "client: there are ops, alice, bob, sensor-1\n",
    );
    expect(await statuses("/admin")).toEqual({ alice: 200, bob: 403, "sensor-1": 200 });
  });
});

describe("a client who is let in", () => {
  beforeAll(async () => {
    configure({ ...first });
    await lab.up();
    cpSync(lab.file("clients/alice"), join(lab.root, "old"), { recursive: true });
  });
  /** Alice with the certificate that she had. */
  const before = () => ["--cert", join(lab.root, "old/chain.crt"), "--key", join(lab.root, "old/client.key")];
  const serial = async (credentials: string[]) =>
    (JSON.parse((await lab.curl("/whoami", ...credentials)).body) as { serial: string }).serial;

  it("is let in with a renewed certificate, and nothing of the site has changed", async () => {
    const version = readlinkSync(lab.file("site/current"));
    expect((await lab.lab("renew", "alice")).status).toBe(0);

    expect(await serial(lab.as("alice"))).not.toBe(await serial(before()));
    expect((await lab.curl("/admin", ...lab.as("alice"))).status).toBe(200);
    expect((await lab.curl("/admin", ...before())).status).toBe(200);
    expect(readlinkSync(lab.file("site/current"))).toBe(version);
  });

  it("is refused as everywhere else when revoked: before it matters who that is", async () => {
    expect((await lab.lab("revoke", "alice")).status).toBe(0);
    const { status, body } = await lab.curl("/admin", ...lab.as("alice"));
    expect(status).toBe(400);
    expect(body).toContain("certificate revoked");

    expect((await lab.lab("unrevoke", "alice")).status).toBe(0);
    expect((await lab.curl("/admin", ...lab.as("alice"))).status).toBe(200);
  });

  it("is let in below both intermediates during a rollover", async () => {
    configure({ ...first, trustedRoots: [1, 2], issuingRoot: 2 });
    await lab.up();

    const issuer = async (credentials: string[]) =>
      (JSON.parse((await lab.curl("/whoami", ...credentials)).body) as { issuer: string }).issuer;
    expect(await issuer(lab.as("alice"))).toBe("CN=Jack-GM Intermediate CA 2,O=Jack-GM");
    expect((await lab.curl("/admin", ...lab.as("alice"))).status).toBe(200);
    expect(await issuer(before())).toBe("CN=Jack-GM Intermediate CA,O=Jack-GM");
    expect((await lab.curl("/admin", ...before())).status).toBe(200);
    expect((await lab.curl("/admin", ...lab.as("bob"))).status).toBe(403);
  });

  it("and who sends no certificate, where that is optional, is refused here and nowhere else", async () => {
    configure({ ...first, trustedRoots: [1, 2], issuingRoot: 2, verifyClient: "optional", http2: true });
    await lab.up();

    expect((await lab.curl("/admin")).status).toBe(403);
    expect((await lab.curl("/")).status).toBe(200);
    expect(await statuses("/admin")).toEqual({ alice: 200, bob: 403, "sensor-1": 403 });
    expect((await lab.curl("//x/../admin", "--path-as-is", ...lab.as("bob"))).status).toBe(403);
    expect(containerIdentity()).toBe(container);
  });

  it("is all who is let in where the whole site is restricted, and the update does not wait for anybody else", async () => {
    configure({ ...first, trustedRoots: [1, 2], issuingRoot: 2, verifyClient: "optional", access: { "/": ["alice"] } });
    await lab.up();

    expect(await statuses("/")).toEqual({ alice: 200, bob: 403, "sensor-1": 403 });
    expect(await statuses("/whoami")).toEqual({ alice: 200, bob: 403, "sensor-1": 403 });
    expect((await lab.curl("/")).status).toBe(403);
  });
});
