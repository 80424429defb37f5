/** What kills, edits or removes a part of a running lab, and that `up` mends it. */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { docker, LiveLab, NOTHING } from "../live-lab.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("mend");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

/** What was done to the lab, what a preview says of it, and what an update does. */
interface Harm {
  harm: () => void;
  /** Names and operations of the resources that the preview would change. */
  seen: string[];
  /** What it says beside that. @default "" */
  warning?: string;
  /** The engine's count. */
  done: string[];
  /** What the container is afterwards: untouched, started again, or another one. */
  container?: "same" | "started" | "new";
}

const IMAGE = "nginx:latest"; // another name of an image that set-up can have, so that no other test misses it

const HARMS: Record<string, Harm> = {
  "a client's file was removed": {
    harm: () => rmSync(lab.file("clients/alice/client.key")),
    seen: ["alice-files update"],
    done: ["1 updated", "28 unchanged"],
  },
  "a client's file was edited": {
    harm: () => writeFileSync(lab.file("clients/bob/chain.crt"), "rubbish"),
    seen: ["bob-files update"],
    done: ["1 updated", "28 unchanged"],
  },
  "a client's key was made readable for all": {
    harm: () => chmodSync(lab.file("clients/bob/client.key"), 0o644),
    seen: ["bob-files update"],
    done: ["1 updated", "28 unchanged"],
  },
  "the served configuration was edited": {
    harm: () => writeFileSync(lab.file("site/current/nginx.conf"), "rubbish"),
    seen: ["site-files update", "site-reload update"],
    done: ["2 updated", "27 unchanged"],
  },
  "the server's key was removed": {
    harm: () => rmSync(lab.file("site/current/server.key")),
    seen: ["site-files update", "site-reload update"],
    done: ["2 updated", "27 unchanged"],
  },
  "the server's key was made readable for all": {
    harm: () => chmodSync(lab.file("site/current/server.key"), 0o644),
    seen: ["site-files update", "site-reload update"],
    done: ["2 updated", "27 unchanged"],
  },
  "a page was added to the mounted ones": {
    harm: () => writeFileSync(lab.file("site/current/pages/more.html"), "more"),
    seen: ["site-files update", "site-reload update"],
    done: ["2 updated", "27 unchanged"],
  },
  "the link to the version in force was removed": {
    harm: () => rmSync(lab.file("site/current")),
    seen: ["site-files update", "site-reload update"],
    done: ["2 updated", "27 unchanged"],
  },
  "the site's directory was removed": {
    harm: () => rmSync(lab.file("site"), { recursive: true }),
    seen: ["site-container replace", "site-files update", "site-reload update"],
    done: ["2 updated", "1 replaced", "3 changes. 26 unchanged"],
    container: "new",
  },
  "the container was paused": {
    harm: () => docker("pause", lab.container),
    seen: ["site-reload update"],
    done: ["1 updated", "28 unchanged"],
  },
  "the container was killed": {
    harm: () => docker("kill", lab.container),
    seen: ["site-reload update"],
    done: ["1 updated", "28 unchanged"],
    container: "started",
  },
  "the container was stopped": {
    harm: () => docker("stop", lab.container),
    seen: ["site-reload update"],
    done: ["1 updated", "28 unchanged"],
    container: "started",
  },
  "the container was removed": {
    harm: () => docker("rm", "-f", lab.container),
    seen: ["site-container create", "site-reload update"],
    done: ["1 created", "1 updated", "2 changes. 27 unchanged"],
    container: "new",
  },
  "the container was taken out of its network": {
    harm: () => docker("network", "disconnect", "bridge", lab.container),
    seen: ["site-container replace", "site-reload update"],
    done: ["1 updated", "1 replaced", "2 changes. 27 unchanged"],
    container: "new",
  },
  "the container was renamed": {
    harm: () => docker("rename", lab.container, `${lab.container}-before`),
    seen: ["site-container replace", "site-reload update"],
    done: ["1 updated", "1 replaced", "2 changes. 27 unchanged"],
    container: "new",
  },
  "the image was removed": {
    harm: () => docker("rmi", "-f", IMAGE),
    seen: [],
    warning: `warning: the image ${IMAGE} is no longer in the Docker daemon: npm run up gets it again\n`,
    done: NOTHING,
  },
};

/** What identifies the container, and this start of it. */
function containerNow(): { id: string; started: string } {
  const [id = "", started = ""] = docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container).split(" ");
  return { id, started };
}

/** What the engine's display with `--diff` says of each resource that changes. */
function changesIn(display: string): string[] {
  const change = /^ +\S* ?[\w:/]+: \((create|update|replace|delete)\)\n(?: +.*\n)*? +\[urn=\S+::(\S+)\]/gm;
  return [...display.matchAll(change)].map(([, operation, name]) => `${name} ${operation}`).sort();
}

/** What a preview says it would change. */
async function previewed(warning = ""): Promise<string[]> {
  const { status, stdout, stderr } = await lab.lab("preview");
  expect({ status, stderr }).toEqual({ status: 0, stderr: warning });
  return changesIn(stdout);
}

describe("a lab that was harmed", () => {
  let before: string;
  beforeAll(async () => {
    before = docker("image", "ls", "--quiet", "--no-trunc", IMAGE);
    docker("tag", "nginx:stable", IMAGE);
    lab.configure({ image: IMAGE });
    await lab.up();
  });

  it.each(Object.entries(HARMS))("is mended by up after %s, which a preview sees", async (_, expected) => {
    const before = containerNow();
    expected.harm();

    expect(await previewed(expected.warning)).toEqual(expected.seen);
    expect(await lab.up()).toEqual(expected.done);
    expect((await lab.curl("/whoami", ...lab.as("alice"))).status).toBe(200);
    expect((await lab.curl("/whoami", ...lab.as("bob"))).status).toBe(200);
    const { id, started } = containerNow();
    const { container = "same" } = expected;
    expect({ id: id === before.id, started: started === before.started }).toEqual({
      id: container !== "new",
      started: container === "same",
    });
    expect(docker("ps", "-aq", "--no-trunc", "--filter", `volume=${lab.file("site")}`)).toBe(id);
  });

  afterAll(() => {
    lab.configure({});
    docker(...(before ? ["tag", before, IMAGE] : ["rmi", IMAGE]));
  });

  it("has its ports itself for doctor, also under another name", async () => {
    const names = [lab.container, `${lab.container}-before`] as const;
    docker("rename", ...names);
    const findings = JSON.parse((await lab.lab("doctor", "--json")).stdout) as { name: string; found: string }[];
    docker("rename", ...names.toReversed());

    expect(findings.filter(({ name }) => name.startsWith("Port ")).map(({ found }) => found)).toEqual([
      "the lab's own",
      "the lab's own",
    ]);
  });

  it("is mended at once after several of these, which a refresh sees", async () => {
    const harms = ["a client's file was edited", "the served configuration was edited", "the container was paused"];
    for (const harm of harms) HARMS[harm]!.harm();
    docker("rmi", "-f", IMAGE);

    const { stdout } = await lab.lab("pulumi", "refresh", "--preview-only", "--diff");
    expect(changesIn(stdout)).toEqual([
      "bob-files update",
      "site-files update",
      "site-image delete",
      "site-reload update",
    ]);
    expect(await lab.up()).toEqual(["3 updated", "26 unchanged"]);
    expect(await lab.up()).toEqual(NOTHING);
  });

  it("goes down though its container is paused", async () => {
    docker("pause", lab.container);
    expect((await lab.lab("down")).status).toBe(0);
    expect(docker("ps", "-aq", "--filter", `name=${lab.container}`)).toBe("");
    await lab.up();
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
