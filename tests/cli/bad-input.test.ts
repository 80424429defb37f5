/** What wrong usage and wrong configuration get: one sentence, exit code 2 (or 1), and nothing half-made. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { Checkout, run } from "../checkout.ts";
import { freePorts } from "../checkout.ts";
import { docker } from "../live-lab.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new Checkout(`it-bad-${process.pid}`);
afterAll(() => rmSync(lab.root, { recursive: true, force: true }));

function mtlsLab(args: string[], env: NodeJS.ProcessEnv = {}) {
  const script = join(lab.root, "cli", "bootstrap.mjs");
  return run(process.execPath, [script, ...args], lab.root, { ...process.env, ...env });
}

const { scripts } = JSON.parse(readFileSync(join(lab.root, "package.json"), "utf8")) as { scripts: object };
const STACKS = "ci, dev, prod, seed";

describe("wrong usage", () => {
  it.each<[string, string[], string]>([
    ["an unknown verb", ["upp"], "error: unknown command 'upp'\n(Did you mean up?)\n"],
    ["an unknown option", ["up", "--fast"], "error: unknown option '--fast'\n"],
    [
      "an unknown stack",
      ["up", "--stack", "nope"],
      `stack 'nope' is unknown: choose one of ${STACKS}, or write Pulumi.nope.yaml\n`,
    ],
    [
      "a stack that is a path",
      ["down", "--stack", "../x"],
      `stack '../x' is unknown: choose one of ${STACKS}, or write Pulumi.../x.yaml\n`,
    ],
    [
      "no clients",
      ["bench", "pki", "--clients", "10,x"],
      "--clients must be whole numbers of at least 2 like 10,100, got 10,x\n",
    ],
    ["no inputs", ["bench", "fuzz", "--inputs", "1.5"], "--inputs must be a whole number of at least 1\n"],
    ["no seed", ["bench", "fuzz", "--seed", "-1"], "--seed must be a whole number from 0 to 2147483647\n"],
    ["no rounds", ["bench", "--rounds", "0"], "--rounds must be a whole number of at least 1\n"],
    [
      "no rounds, with a stack",
      ["bench", "--stack", "dev", "--rounds", "0"],
      "--rounds must be a whole number of at least 1\n",
    ],
  ])("gets one sentence and exit code 2: %s", async (_what, args, sentence) => {
    const { status, stdout, stderr } = await mtlsLab(args);
    expect({ status, stdout, sentence: stderr.slice(0, sentence.length) }).toEqual({ status: 2, stdout: "", sentence });
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
  });
});

describe("--stack", () => {
  it.each(Object.keys(scripts).filter((name) => name !== "prepack"))("is an option of %s", async (verb) => {
    expect((await mtlsLab([verb, "--help"])).stdout).toContain("--stack <name>");
  });
});

describe("wrong configuration", () => {
  const file = `Pulumi.${lab.stack}.yaml`;
  afterAll(() => rmSync(join(lab.root, file)));

  it.each<[string, Record<string, unknown>, string]>([
    ["an unknown key", { colour: "red" }, "configuration key 'colour' is unknown: Pulumi.yaml has domain, "],
    [
      "a port out of range",
      { httpsPort: 70000 },
      "configuration key 'httpsPort' must be a whole number from 1 to 65535, got 70000\n",
    ],
    ["no clients", { clients: [] }, "configuration key 'clients' must be a list of at least 1, "],
    ["a client twice", { clients: ["alice", "Alice"] }, "configuration key 'clients' must be a list of at least 1, "],
    ["a client that is a path", { clients: ["../x"] }, "configuration key 'clients' must be a list of at least 1, "],
    ["a client that ends a command", { clients: ["a;b"] }, "configuration key 'clients' must be a list of "],
    [
      "a lifetime of 0",
      { clientValidityHours: 0 },
      "configuration key 'clientValidityHours' must be a whole number from 1",
    ],
    [
      "a leaf that outlives its CA",
      { serverValidityHours: 50_000 },
      "configuration key 'serverValidityHours' must be less than 'intermediateValidityHours' (43800), got 50000\n",
    ],
    [
      "a name that is no DNS name",
      { domain: "lab_local" },
      "configuration key 'domain' must be a DNS name in lower case",
    ],
    [
      "an address that is none",
      { ipAddresses: ["300.1.1.1"] },
      "configuration key 'ipAddresses' must be a list, none twice",
    ],
  ])("gets one sentence with the key, exit code 2, and nothing is made: %s", async (_what, settings, words) => {
    lab.configure(settings);
    for (const verb of ["up", "preview", "status", "down"]) {
      const { status, stdout, stderr } = await lab.lab(verb);
      const sentence = `${file}: ${words}`;
      expect({ verb, status, stdout, sentence: stderr.slice(0, sentence.length) }).toEqual({
        verb,
        status: 2,
        stdout: "",
        sentence,
      });
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
  });

  it.each(["state", "engine"])(
    "gets one sentence for a stack called %s, whose folder is the lab's own",
    async (name) => {
      const own = join(lab.root, `Pulumi.${name}.yaml`);
      writeFileSync(own, "config: {}");
      const { status, stderr } = await mtlsLab(["down", "--stack", name]);
      rmSync(own);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: `a stack cannot be called '${name}', for .lab/${name} is the lab's own: rename Pulumi.${name}.yaml\n`,
      });
    },
  );

  it.each(["passphrase", "install-7"])("gets the same for a stack called %s", async (name) => {
    writeFileSync(join(lab.root, `Pulumi.${name}.yaml`), "config:");
    const { status, stderr } = await mtlsLab(["down", "--stack", name]);
    rmSync(join(lab.root, `Pulumi.${name}.yaml`));
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `a stack cannot be called '${name}', for .lab/${name} is the lab's own: rename Pulumi.${name}.yaml\n`,
    });
  });

  // `down` removes .lab/NAME.
  it.each([".", "..", "a b", "-x", "a..b", "x$HOME", "ü", "x".repeat(101)])(
    "gets one sentence for a stack called '%s', and nothing is removed",
    async (name) => {
      mkdirSync(join(lab.root, ".lab"));
      writeFileSync(join(lab.root, `Pulumi.${name}.yaml`), "config:");
      for (const verb of ["up", "down"]) {
        expect(await mtlsLab([verb, `--stack=${name}`])).toEqual({
          status: 2,
          stdout: "",
          stderr: `a stack cannot be called '${name}': its name takes letters, digits and _ - . between them, at most 100\n`,
        });
      }
      expect(existsSync(join(lab.root, ".lab"))).toBe(true);
      rmSync(join(lab.root, `Pulumi.${name}.yaml`));
      rmSync(join(lab.root, ".lab"), { recursive: true });
    },
  );

  it.each([
    [
      "mtls-lab:deploy: none",
      "has 'mtls-lab:deploy' at its top level: settings go below `config:`, two spaces further in",
    ],
    [
      "Config:\n  mtls-lab:deploy: none",
      "has 'Config' at its top level: settings go below `config:`, two spaces further in",
    ],
    ["- a", "must have its settings below `config:`"],
    ["hello", "must have its settings below `config:`"],
    ["config: foo", 'must have a map below `config:`, got "foo"'],
    ["config: [a]", 'must have a map below `config:`, got ["a"]'],
    ["config:\n  deploy: docker\n  mtls-lab:deploy: none", "sets 'deploy' twice, with and without mtls-lab:"],
  ])("of another shape gets one sentence: %j", async (text, sentence) => {
    writeFileSync(join(lab.root, file), text);
    expect(await lab.lab("up")).toEqual({ status: 2, stdout: "", stderr: `${file} ${sentence}\n` });
  });

  it("that is no YAML gets one sentence", async () => {
    writeFileSync(join(lab.root, file), "config: [");
    const { status, stderr } = await lab.lab("up");
    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`^${file} cannot be read: .+\n$`));
  });
});

describe("a machine that cannot", () => {
  let ports: number[];
  beforeAll(async () => {
    ports = await freePorts(2);
    lab.configure({ httpPort: ports[0], httpsPort: ports[1] });
  });

  it("because a port is taken says by whom and how to choose another", async () => {
    const server = createServer().listen(ports[1], "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const { status, stderr } = await lab.lab("up");
    server.close();
    expect(status).toBe(1);
    expect(stderr).toBe(
      `port ${ports[1]} on 127.0.0.1 is taken by node (pid ${process.pid}): stop it, ` +
        `or choose another with mtls-lab:httpsPort in Pulumi.${lab.stack}.yaml\n`,
    );
    expect(existsSync(lab.file("root.crt"))).toBe(false);
  });

  it("because it has not the address to publish on says how to choose another", async () => {
    lab.configure({ httpPort: ports[0], httpsPort: ports[1], bindAddress: "192.0.2.1" });
    const { status, stderr } = await lab.lab("up");
    lab.configure({ httpPort: ports[0], httpsPort: ports[1] });

    expect(status).toBe(1);
    expect(stderr).toBe(
      `192.0.2.1 is no address of this machine: choose one with mtls-lab:bindAddress in Pulumi.${lab.stack}.yaml, ` +
        "or 0.0.0.0 for all that it has\n",
    );
    expect(existsSync(lab.file("root.crt"))).toBe(false);
  });

  it("because another checkout's container has the name says whose it is, and leaves it alone", async () => {
    const container = `mtls-lab-${lab.stack}-site`;
    const elsewhere = join(tmpdir(), `mtls-lab-elsewhere-${process.pid}`);
    docker("create", "--name", container, "--volume", `${elsewhere}:/etc/nginx/site:ro`, "nginx:stable");
    try {
      const taken = `the container ${container} is not of this checkout (${elsewhere}): take that one down`;
      const { status, stderr } = await lab.lab("up");
      expect({ status, stderr }).toEqual({ status: 1, stderr: `${taken}, or give the stack another name\n` });
      expect(existsSync(lab.file("root.crt"))).toBe(false);
      expect((await lab.lab("doctor", "--json")).stdout).toContain(taken);
      expect(docker("ps", "--all", "--quiet", "--filter", `name=${container}`)).not.toBe("");
    } finally {
      docker("rm", container);
      rmSync(elsewhere, { recursive: true, force: true }); // Docker makes it
    }
  });

  it.each(["up", "preview", "down"])(
    "because the folder of PULUMI_BACKEND_URL is not there says so in %s, with the command that makes it",
    async (verb) => {
      const folder = join(lab.root, "my state");
      const env = { PULUMI_BACKEND_URL: `file://${folder}?metadata=skip` };
      expect(await mtlsLab([verb, "--stack", lab.stack], env)).toEqual({
        status: 2,
        stdout: "",
        stderr:
          `PULUMI_BACKEND_URL is file://${folder}?metadata=skip, and ${folder} is no folder: ` +
          `make it, mkdir -p '${folder}', or unset the variable\n`,
      });
      expect([folder, join(lab.root, ".lab")].filter((one) => existsSync(one))).toEqual([]);
    },
  );

  it("because no daemon answers at DOCKER_HOST says so", async () => {
    const address = `unix://${lab.root}/no.sock`;
    const { status, stderr } = await mtlsLab(["up", "--stack", lab.stack], { DOCKER_HOST: address });
    expect(status).toBe(1);
    expect(stderr).toContain(
      `no Docker daemon answers at ${address}, where DOCKER_HOST points: start it, or unset DOCKER_HOST`,
    );
    expect(existsSync(lab.file("root.crt"))).toBe(false);
  });

  it("still previews every stack without a daemon, leaving the container out", async () => {
    const address = `unix://${lab.root}/no.sock`;
    for (const stack of ["dev", "ci", "prod", "seed"]) {
      const { status, stdout, stderr } = await mtlsLab(["preview", "--stack", stack], { DOCKER_HOST: address });
      expect({ stack, status }).toEqual({ stack, status: 0 });
      expect(stderr).toBe(
        stack === "ci"
          ? ""
          : `No Docker daemon answers at ${address}: this preview leaves the container out (deploy: none). ` +
              "Of a lab that is up it shows image, container and reload as deleted; `up` would not delete them.\n",
      );
      expect(stdout).toContain("site-files");
      expect(stdout).not.toContain("docker:index");
    }
  });
});

describe("a state that cannot be used", () => {
  let ports: number[];
  beforeAll(async () => {
    ports = await freePorts(2);
    lab.configure({ deploy: "none" });
    expect((await lab.lab("up")).status).toBe(0);
  });
  afterAll(() => lab.lab("down"));

  const state = () => join(lab.root, ".lab", "state", ".pulumi", "stacks", "mtls-lab", `${lab.stack}.json`);

  /** Runs the command at the end of a refusal. */
  const runs = (command: string) => run("sh", ["-c", command], lab.root);
  const path = `.lab/state/.pulumi/stacks/mtls-lab/${lab.stack}.json`;
  const half = (file: string) => {
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, whole.length / 2));
  };

  it("because it was cut in half is named, with the command that puts the copy back, and stays as it is", async () => {
    half(state());
    const harmed = readFileSync(state(), "utf8");
    const cure = `cp ${path}.bak ${path}`;
    expect(await lab.lab("up")).toEqual({
      status: 1,
      stdout: "",
      stderr: `the state ${path} is damaged (cut short or edited): put its last copy back, ${cure}\n`,
    });
    expect(readFileSync(state(), "utf8")).toBe(harmed);

    expect((await runs(cure)).status).toBe(0);
    expect((await lab.lab("up")).status).toBe(0);
  });

  it("because its copy is damaged as well is named with the newest of the older ones that is whole", async () => {
    const folder = `.lab/state/.pulumi/backups/mtls-lab/${lab.stack}`;
    const [older, newest] = readdirSync(join(lab.root, folder)).sort().slice(-2);
    for (const file of [state(), `${state()}.bak`, join(lab.root, folder, newest!)]) half(file);
    const cure = `cp ${folder}/${older} ${path}`;
    expect(await lab.lab("up")).toEqual({
      status: 1,
      stdout: "",
      stderr: `the state ${path} is damaged (cut short or edited): put its last copy back, ${cure}\n`,
    });

    expect((await runs(cure)).status).toBe(0);
    expect((await lab.lab("up")).status).toBe(0);
  });

  it("because nothing of it is whole is named with the commands to begin anew", async () => {
    const folder = `.lab/state/.pulumi/backups/mtls-lab/${lab.stack}`;
    for (const name of readdirSync(join(lab.root, folder))) writeFileSync(join(lab.root, folder, name), "{}");
    for (const file of [state(), `${state()}.bak`]) writeFileSync(file, "{}");
    const cure = `rm -rf .lab/${lab.stack} ${path} ${path}.bak ${folder}`;
    const damaged =
      `the state ${path} is damaged (cut short or edited), and it has no copy that is whole: ` +
      "give its CAs up and begin anew, ";
    expect(await lab.lab("preview")).toEqual({ status: 1, stdout: "", stderr: `${damaged}${cure}\n` });
    lab.configure({ deploy: "docker", httpPort: ports[0], httpsPort: ports[1] });
    expect((await lab.lab("up")).stderr).toBe(`${damaged}docker rm -f mtls-lab-${lab.stack}-site; ${cure}\n`);
    lab.configure({ deploy: "none" });

    expect((await runs(cure)).status).toBe(0);
    expect((await lab.lab("up")).stdout).toContain("26 created");
  });

  it("because the engine's copy of the settings is damaged is named; removing that loses no secret", async () => {
    const copy = `.lab/engine/Pulumi.${lab.stack}.yaml`;
    const key = readFileSync(lab.file("clients/alice/client.key"), "utf8");
    for (const [text, cause] of [
      ['encryptionsalt: "v1:8qoJ\nconfig:\n', 'Missing closing "quote at line 3, column 1'],
      ["", "it has no settings"],
    ]) {
      writeFileSync(join(lab.root, copy), text!);
      const cure = `rm ${copy}`;
      const sentence = `${copy} is damaged (${cause}): remove it, ${cure}, and the next run makes it anew`;
      const refused = { status: 1, stdout: "", stderr: `${sentence}; the secrets in the state stay readable\n` };
      expect(await lab.lab("up")).toEqual(refused);
      rmSync(join(lab.root, `Pulumi.${lab.stack}.yaml`));
      expect(await lab.lab("down")).toEqual(refused);
      lab.configure({ deploy: "none" });
      expect((await runs(cure)).status).toBe(0);
      rmSync(lab.file("clients/alice/client.key")); // the state alone has it now
      expect((await lab.lab("up")).status).toBe(0);
      expect(readFileSync(lab.file("clients/alice/client.key"), "utf8")).toBe(key);
    }
  });

  it("by others stays so: the settings with the salt of its secrets are their owner's", async () => {
    const folder = join(lab.root, ".lab", "engine");
    const file = join(folder, `Pulumi.${lab.stack}.yaml`);
    for (const [one, mode] of [
      [folder, 0o755],
      [file, 0o644],
    ] as const) {
      chmodSync(one, mode);
    }
    expect((await lab.lab("up")).status).toBe(0);
    expect([folder, file].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o600]);
    expect(readdirSync(folder).filter((name) => !/^Pulumi(\.[\w-]+)?\.yaml$/.test(name))).toEqual([]); // nothing half-written
  });

  it("because the passphrase is another one says so, and loses nothing", async () => {
    const before = readFileSync(state(), "utf8");
    const { status, stdout, stderr } = await mtlsLab(["up", "--stack", lab.stack], {
      PULUMI_CONFIG_PASSPHRASE: "wrong",
    });
    expect(status).toBe(1);
    expect(stdout + stderr).toContain("incorrect passphrase");
    expect(stderr).toContain("set PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with");
    expect(readFileSync(state(), "utf8")).toBe(before);
    expect((await lab.lab("up")).status).toBe(0);
  });

  it("because the passphrase is gone says what is left to do, and makes no other", async () => {
    const passphrase = join(lab.root, ".lab", "passphrase");
    renameSync(passphrase, `${passphrase}.away`);
    for (const verb of ["up", "down"]) {
      const { status, stdout, stderr } = await lab.lab(verb);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/^the passphrase \.lab\/passphrase is gone, .* put it back, .*rm -r \.lab\n$/);
    }
    expect(existsSync(passphrase)).toBe(false);
    renameSync(`${passphrase}.away`, passphrase);
    expect((await lab.lab("up")).status).toBe(0);
  });

  it("because the user's environment asks for another form of it is not what the lab does", async () => {
    const { status } = await mtlsLab(["up", "--stack", lab.stack], { PULUMI_SELF_MANAGED_STATE_GZIP: "true" });
    expect({ status, exists: existsSync(state()) }).toEqual({ status: 0, exists: true });
    expect((await lab.lab("up")).stdout).toContain("unchanged");
  });

  it("because a run was killed in the middle is left as it is by a preview", async () => {
    const before = readFileSync(state(), "utf8");
    const checkpoint = JSON.parse(before) as { checkpoint: { latest: object } };
    const type = "docker:index/container:Container";
    const urn = `urn:pulumi:${lab.stack}::mtls-lab::${type}::site-container`;
    const resource = { urn, custom: true, type, inputs: { name: "nobody" } };
    Object.assign(checkpoint.checkpoint.latest, { pending_operations: [{ type: "creating", resource }] });
    const killed = JSON.stringify(checkpoint);
    writeFileSync(state(), killed);
    expect((await lab.lab("preview")).status).toBe(0);
    expect(readFileSync(state(), "utf8")).toBe(killed);
    expect((await lab.lab("up")).status).toBe(0);
    expect(readFileSync(state(), "utf8")).not.toContain("nobody");
  });

  describe("because of a lock", () => {
    let engine: ChildProcess;
    beforeAll(() => {
      engine = spawn("sleep", ["infinity"], { argv0: "/opt/bin/pulumi" });
    });
    afterAll(() => void engine.kill());

    const locks = join(lab.root, ".lab", "state", ".pulumi", "locks", "organization", "mtls-lab", lab.stack);
    const file = join(locks, "11111111-2222-3333-4444-555555555555.json");
    beforeAll(() => void mkdirSync(locks, { recursive: true }));

    it.each<[string, () => number, number]>([
      ["of a run that was killed is unlocked", () => 2 ** 22 + 1, 0],
      ["of a process whose pid is another program's by now is unlocked", () => process.pid, 0],
      ["of an engine that runs stays locked", () => engine.pid!, 1],
    ])("%s", async (_what, pid, status) => {
      const lock = { pid: pid(), username: "root", hostname: hostname(), timestamp: "2026-01-01T00:00:00Z" };
      writeFileSync(file, JSON.stringify(lock));
      expect((await lab.lab("up")).status).toBe(status);
      expect(existsSync(file)).toBe(status === 1);
      rmSync(file, { force: true });
    });

    it("that is empty or half-written is unlocked, also under a name that does not count yet", async () => {
      const halves = {
        [file]: "",
        [join(locks, "2.json")]: '{"pid":12',
        [`${file}.18af.tmp`]: "",
        [`${file}.tmp`]: "null",
      };
      for (const [half, text] of Object.entries(halves)) {
        writeFileSync(half, text);
        utimesSync(half, new Date(Date.now() - 11_000), new Date(Date.now() - 11_000));
      }
      expect((await lab.lab("up")).status).toBe(0);
      expect(existsSync(locks) ? readdirSync(locks) : []).toEqual([]);
    });

    it("that is gone before it is read is none", async () => {
      mkdirSync(locks, { recursive: true });
      symlinkSync("nowhere", file);
      expect((await lab.lab("preview")).status).toBe(0); // an update's engine would look for itself
      rmSync(file);
    });

    it("that may be being written stays, and says so", async () => {
      mkdirSync(locks, { recursive: true });
      writeFileSync(file, "");
      utimesSync(file, new Date(Date.now() + 3_600_000), new Date(Date.now() + 3_600_000)); // however long this test takes
      const { status, stderr } = await lab.lab("up");
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          `the lock ${relative(lab.root, file)} is being written, or was by a run that was killed: ` +
          "try again in 10 seconds\n",
      });
      rmSync(file);
    });
  });
});

describe("the engine itself", () => {
  it.each([["whoami"], ["version"], ["plugin", "ls"], ["stack", "--show-name"]])(
    "runs pulumi %s %s, with the stack where it is about one",
    async (...args) => {
      lab.configure({ deploy: "none" });
      const { status, stdout } = await mtlsLab(["pulumi", "--stack", lab.stack, ...args]);
      expect(status).toBe(0);
      if (args[0] === "stack") expect(stdout).toBe(`${lab.stack}\n`);
    },
  );
});
