/** The life of one lab on the real engine, daemon and nginx. The steps follow each other. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { Status } from "../../cli/status.ts";
import { run } from "../checkout.ts";
import { docker, LiveLab, NOTHING } from "../live-lab.ts";
import { identity } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("life");
beforeAll(() => lab.open());
afterAll(() => lab.remove());

describe("a lab", () => {
  it("comes up from nothing with one command, which prints two curls to try", async () => {
    const { status, stdout } = await lab.lab("up");
    expect(status).toBe(0);
    expect(stdout).toContain("+ 29 created");

    const [accepted, refused] = stdout.split("\n").filter((line) => line.startsWith("  curl "));
    const answers = [accepted, refused].map((line) =>
      execFileSync(
        "sh",
        ["-c", `${line} -sS -w '%{http_code}' -o /dev/null --resolve ${lab.host}:${lab.httpsPort}:127.0.0.1`],
        { cwd: lab.root, encoding: "utf8" },
      ),
    );
    expect(answers).toEqual(["200", "400"]);
  });

  it("tells an accepted client who it is", async () => {
    const { status, body } = await lab.curl("/whoami", ...lab.as("alice"));
    const serial = execFileSync("openssl", ["x509", "-noout", "-serial", "-in", lab.file("clients/alice/client.crt")], {
      encoding: "utf8",
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      verify: "SUCCESS",
      subject: "CN=alice,O=Jack-GM",
      issuer: "CN=Jack-GM Intermediate CA,O=Jack-GM",
      serial: serial.trim().replace("serial=", ""),
      protocol: "TLSv1.3",
      sni: lab.host,
    });
  });

  it("refuses a client without a certificate, in nginx's words", async () => {
    const { status, body } = await lab.curl("/");
    expect(status).toBe(400);
    expect(body).toContain("No required SSL certificate was sent");
  });

  it("refuses a certificate of another CA, in nginx's words", async () => {
    const foreign = await foreignClient();
    const { status, body } = await lab.curl("/", "--cert", foreign.cert, "--key", foreign.key);
    expect(status).toBe(400);
    expect(body).toContain("The SSL certificate error");
  });

  it("opens its PKCS#12 file with the password beside it, and a client gets in with that", async () => {
    const file = lab.file("clients/bob/client.p12");
    const password = readFileSync(lab.file("clients/bob/password"), "utf8");
    expect((await lab.curl("/whoami", "--cert-type", "P12", "--cert", `${file}:${password}`)).status).toBe(200);
  });

  it("makes that file for other readers in place, with the same password, and back again", async () => {
    const [file, password] = [
      lab.file("clients/bob/client.p12"),
      readFileSync(lab.file("clients/bob/password"), "utf8"),
    ];
    const algorithms = async () =>
      (await run("openssl", ["pkcs12", "-info", "-noout", "-in", file, "-passin", `pass:${password}`])).stderr;
    expect(await algorithms()).toContain("Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC,");

    lab.configure({ pkcs12Profile: "compat" });
    const preview = await lab.lab("preview");
    expect(preview.stdout + preview.stderr).not.toContain(password);
    expect(await lab.up()).toEqual(["4 updated", "25 unchanged"]);
    expect(await algorithms()).toContain("Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC,");
    expect(readFileSync(lab.file("clients/bob/password"), "utf8")).toBe(password);
    expect((await lab.curl("/whoami", "--cert-type", "P12", "--cert", `${file}:${password}`)).status).toBe(200);

    lab.configure({});
    expect(await lab.up()).toEqual(["4 updated", "25 unchanged"]);
    expect(await algorithms()).toContain("Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC,");
  });

  it("redirects plain HTTP to the TLS port", async () => {
    const answer = await run("curl", [
      "-sS",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code} %{redirect_url}",
      "--resolve",
      `${lab.host}:${lab.httpPort}:127.0.0.1`,
      `http://${lab.host}:${lab.httpPort}/a?b`,
    ]);
    expect(answer.stdout).toBe(`301 https://${lab.host}:${lab.httpsPort}/a?b`);
  });

  it.each([
    ["server", "site/current/server.crt", "sslserver"],
    ["alice", "clients/alice/chain.crt", "sslclient"],
    ["bob", "clients/bob/chain.crt", "sslclient"],
  ])("has a chain for %s that openssl verifies strictly", (_name, file, purpose) => {
    const args = [
      "verify",
      "-x509_strict",
      "-purpose",
      purpose,
      "-CAfile",
      lab.file("root.crt"),
      "-untrusted",
      lab.file(file),
      lab.file(file),
    ];
    expect(execFileSync("openssl", args, { encoding: "utf8" })).toBe(`${lab.file(file)}: OK\n`);
  });

  it("keeps everything that is secret from others", () => {
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const secrets = [
      "clients/alice/client.key",
      "clients/alice/client.p12",
      "clients/alice/password",
      "site/current/server.key",
    ];
    expect(secrets.map((path) => mode(lab.file(path)))).toEqual(["600", "600", "600", "600"]);
    expect(["", "clients", "clients/alice", "site"].map((path) => mode(lab.file(path)))).toEqual([
      "700",
      "700",
      "700",
      "700",
    ]);
    expect(mode(join(lab.root, ".lab", "passphrase"))).toBe("600");
  });

  it("runs in a container that may do and use no more than it must", () => {
    const [{ Config, HostConfig }] = JSON.parse(docker("inspect", lab.container)) as [
      { Config: object; HostConfig: object },
    ];
    const memory = 128 * 2 ** 20;
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Privileged: false,
      Memory: memory,
      MemorySwap: memory,
      Ulimits: [{ Name: "nofile", Soft: 4096, Hard: 4096 }],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    });
    expect(Config).not.toHaveProperty("User", expect.stringMatching(/^(0|root|)(:|$)/));

    const inside = (command: string) => docker("exec", lab.container, "sh", "-c", command);
    const statuses = inside("cat /proc/[0-9]*/status");
    expect(statuses.match(/^Uid:.*$/gm)!.length).toBeGreaterThan(2); // master, worker and this one
    expect(statuses).not.toMatch(/^Uid:.*\b0\b/m);
    expect(new Set(statuses.match(/^CapEff:.*$/gm))).toEqual(new Set(["CapEff:\t0000000000000000"]));
    expect(inside("cat /proc/1/limits")).toMatch(/^Max open files +4096 +4096 /m);
    for (const file of ["/usr/x", "/etc/nginx/site/nginx.conf"]) {
      expect(inside(`sh -c 'echo x > ${file}' 2>&1 || true`)).toContain("Read-only file system");
    }
  });

  it("says in its status which image it runs and what it may use", async () => {
    const [image] = JSON.parse(docker("image", "inspect", "nginx:stable")) as [{ Id: string; RepoDigests: string[] }];
    const { container } = JSON.parse((await lab.lab("status", "--json")).stdout) as Status;
    expect(container).toMatchObject({
      name: lab.container,
      state: "running",
      memory: 128,
      image: { name: "nginx:stable", id: image.Id, version: expect.stringMatching(/^1\.\d/) },
    });
    expect(container!.image.digest).toBe(image.RepoDigests[0]);
    const { stdout } = await lab.lab("status");
    expect(stdout).toContain(`\nContainer ${lab.container}: running, health `);
    expect(stdout).toContain(", memory 128 MB at most\nImage nginx:stable: nginx 1.");
  });

  it("has no private key and no password in clear in its state, its log or its container's description", () => {
    const secrets = [
      ...["clients/alice/client.key", "clients/bob/client.key", "site/current/server.key"].map(
        (path) => readFileSync(lab.file(path), "utf8").split("\n")[1]!,
      ),
      readFileSync(lab.file("clients/alice/password"), "utf8"),
      readFileSync(lab.file("clients/alice/client.p12")).toString("base64").slice(0, 60),
    ];
    const states = execFileSync(
      "find",
      [join(lab.root, ".lab", "state"), join(lab.root, ".lab", "engine"), "-type", "f"],
      { encoding: "utf8" },
    );
    const places = [
      ...states
        .trim()
        .split("\n")
        .map((file) => readFileSync(file, "utf8")),
      docker("inspect", lab.container),
      docker("logs", lab.container),
    ];
    for (const place of places) {
      for (const secret of secrets) expect(place.includes(secret)).toBe(false);
      expect(place).not.toContain("PRIVATE KEY");
    }
  });

  it("changes nothing when nothing changed: up, preview, refresh", async () => {
    expect(await lab.up()).toEqual(NOTHING);
    expect((await lab.lab("pulumi", "preview", "--expect-no-changes")).status).toBe(0);
    expect((await lab.lab("pulumi", "refresh", "--yes", "--skip-preview", "--expect-no-changes")).status).toBe(0);
  });

  it("adds a client without touching anything else", async () => {
    const [id, started] = docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container).split(" ");
    lab.configure({ clients: ["alice", "bob", "carol"] });
    expect(await lab.up()).toEqual(["5 created", ...NOTHING]);
    expect(docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", lab.container)).toBe(`${id} ${started}`);
    expect((await lab.curl("/whoami", ...lab.as("carol"))).status).toBe(200);

    lab.configure({});
    expect(await lab.up()).toEqual(["5 deleted", ...NOTHING]);
    expect(existsSync(lab.file("clients/carol"))).toBe(false);
  });

  it("has another memory limit in place, down and up", async () => {
    const facts = "{{.Id}} {{.State.StartedAt}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}";
    const [id, started] = docker("inspect", "-f", facts, lab.container).split(" ");
    for (const memory of [64, 256, 128]) {
      lab.configure({ memory });
      expect((await lab.lab("preview")).stdout).toMatch(new RegExp(`~ memory +: \\d+ => ${memory}\\n`));
      expect(await lab.up()).toEqual(["1 updated", "28 unchanged"]);
      const octets = memory * 2 ** 20;
      expect(docker("inspect", "-f", facts, lab.container)).toBe(`${id} ${started} ${octets} ${octets}`);
    }
  });

  it("serves a new server certificate from the same container", async () => {
    const before = { id: docker("inspect", "-f", "{{.Id}}", lab.container), serial: lab.servedSerial() };
    lab.configure({ serverValidityHours: 8000 });
    expect(await lab.up()).toEqual(["2 updated", "1 replaced", "3 changes. 26 unchanged"]);
    expect(docker("inspect", "-f", "{{.Id}}", lab.container)).toBe(before.id);
    expect(lab.servedSerial()).not.toBe(before.serial);
  });

  it("has another number of open files in a new container", async () => {
    lab.configure({ serverValidityHours: 8000, openFiles: 2048 });
    expect((await lab.lab("preview")).stdout).toMatch(/\+-docker:index\/container:Container: \(replace\)/);
    expect(await lab.up()).toEqual(["1 updated", "1 replaced", "2 changes. 27 unchanged"]);
    expect(docker("exec", lab.container, "cat", "/proc/1/limits")).toMatch(/^Max open files +2048 +2048 /m);
  });

  it("goes away and leaves nothing; a second time is fine", async () => {
    expect((await lab.lab("down")).status).toBe(0);
    expect(existsSync(join(lab.root, ".lab"))).toBe(false);
    expect(docker("ps", "-aq", "--filter", `name=${lab.container}`)).toBe("");
    expect((await lab.lab("down")).status).toBe(0);
  });
});

async function foreignClient(): Promise<{ cert: string; key: string }> {
  const other = await identity({ subject: { commonName: "alice", organization: "Jack-GM" } });
  const [cert, key] = [join(lab.root, "foreign.crt"), join(lab.root, "foreign.key")];
  writeFileSync(cert, other.certPem);
  writeFileSync(key, other.privateKeyPem);
  return { cert, key };
}
