/** What kills, edits or removes a part of a running lab, and that `up` mends it. */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { docker, LiveLab, NOTHING } from "../live-lab.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("mend");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

describe("a lab that was harmed", () => {
  beforeAll(() => lab.up());

  it.each<[string, () => void]>([
    ["a client's file was removed", () => rmSync(lab.file("clients/alice/client.key"))],
    ["a client's key was made readable for all", () => chmodSync(lab.file("clients/bob/client.key"), 0o644)],
    ["the served configuration was edited", () => writeFileSync(lab.file("site/current/nginx.conf"), "rubbish")],
    ["the site's directory was removed", () => rmSync(lab.file("site"), { recursive: true })],
    ["the container was killed", () => docker("kill", lab.container)],
    ["the container was stopped", () => docker("stop", lab.container)],
    ["the container was removed", () => docker("rm", "-f", lab.container)],
  ])("is mended by up after %s", async (_what, harm) => {
    harm();
    expect(await lab.up()).not.toEqual(NOTHING);
    expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
    expect((await lab.curl("/whoami", ...lab.as("bob"))).status).toBe(200);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("stays as it was when nginx refuses the new configuration", async () => {
    const template = join(lab.root, "templates", "nginx.conf.mustache");
    const good = readFileSync(template, "utf8");
    const version = readFileSync(lab.file("site/nginx.conf"), "utf8");
    writeFileSync(template, good.replace("server_tokens off;", "server_tokens maybe;"));
    const { status, stdout } = await lab.lab("up");
    expect(status).toBe(1);
    expect(stdout).toMatch(/nginx refuses the new configuration, the site stays as it was: .*invalid value "maybe"/);
    expect(readFileSync(lab.file("site/nginx.conf"), "utf8")).toBe(version);
    expect(readdirSync(lab.file("site")).filter((name) => /^v\d+$/.test(name))).toHaveLength(1);
    expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
    writeFileSync(template, good);
    expect(await lab.up()).toEqual(NOTHING);
  });
});

describe("a lab whose state is lost", () => {
  const loseState = () => rmSync(join(lab.root, ".lab", "state"), { recursive: true });

  it("is made anew by up, in place of the container that nobody knows any more", async () => {
    const container = docker("inspect", "--format", "{{.Id}}", lab.container);
    loseState();
    await lab.up();
    expect(docker("inspect", "--format", "{{.Id}}", lab.container)).not.toBe(container);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("is taken away by down, the container too", async () => {
    loseState();
    expect((await lab.lab("down")).status).toBe(0);
    expect(docker("ps", "--all", "--quiet", "--filter", `name=${lab.container}`)).toBe("");
    expect(existsSync(lab.file(""))).toBe(false);
  });
});

describe("a lab whose engine was killed", () => {
  it.each(["root-key creating", "alice-cert creating", "site-files creating", "site-container creating"])(
    "is mended by up after the engine was killed at: %s",
    async (moment) => {
      expect((await lab.labKilledAt(moment, "up")).status).toBe(1);
      await lab.up();
      expect(await lab.up()).toEqual(NOTHING);
      expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
      expect((await lab.lab("down")).status).toBe(0);
      expect(engineProcesses()).toEqual([]);
    },
  );

  it.each(["site-files updating", "site-files updated"])(
    "has a revocation in force after the next up, though the engine was killed at: %s",
    async (moment) => {
      lab.configure({});
      await lab.up();
      expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
      lab.configure({ revoked: { alice: "keyCompromise" } });
      expect((await lab.labKilledAt(moment, "up")).status).toBe(1);
      await lab.up();
      expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(400);
      expect(await lab.up()).toEqual(NOTHING);
    },
  );
});

/** Command lines of the engine and its plugins that work for this lab. */
function engineProcesses(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const ours = readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${lab.root}/.lab/`);
        return ours ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") : "";
      } catch {
        return ""; // ended
      }
    })
    .filter((line) => line !== "");
}
