/** What `export` makes of a real lab's clients, used on its nginx. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { LiveLab } from "../live-lab.ts";
import { runSnippet, SNIPPETS } from "../snippets.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const lab = new LiveLab("export");
beforeAll(async () => {
  await lab.open();
  await lab.up();
});
afterAll(() => lab.remove());

/** Runs `export` for a client, which must work, and returns what it printed. */
async function exported(client: string, format: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await lab.lab("export", client, "--format", format, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

const whoami = async (...identity: string[]) => {
  const { status, body } = await lab.curl("/whoami", ...identity);
  const { subject } = JSON.parse(body) as { subject: string };
  return { status, subject };
};

it.each(SNIPPETS)("the snippet for %s is let in as the client", async (format) => {
  const { stdout, stderr } = await runSnippet(await exported("bob", format), lab.root);
  expect(stdout === "" ? stderr : JSON.parse(stdout)).toMatchObject({
    verify: "SUCCESS",
    subject: "CN=bob,O=Jack-GM",
    sni: format === "httpie" ? "" : lab.host,
  });
});

it("Java is let in as the client with the JKS file, too", async () => {
  const store = join(lab.root, "bob.jks");
  await exported("bob", "jks", "--out", store);
  const snippet = (await exported("bob", "java"))
    .replace(lab.file("clients/bob/client.p12"), store)
    .replace(lab.file("clients/bob/password"), `${store}.password`);
  expect(snippet).not.toContain("clients/bob");

  const { stdout, stderr } = await runSnippet(snippet, lab.root);
  expect(stdout === "" ? stderr : JSON.parse(stdout)).toMatchObject({ subject: "CN=bob,O=Jack-GM" });
});

describe("curl is let in as the client", () => {
  const alice = { status: 200, subject: "CN=alice,O=Jack-GM" };
  const file = (name: string) => join(lab.root, name);
  const opened = (name: string) => `${file(name)}:${readFileSync(file(`${name}.password`), "utf8")}`;

  it("with the PEM file alone", async () => {
    await exported("alice", "pem", "--out", file("alice.pem"));
    expect(await whoami("--cert", file("alice.pem"))).toEqual(alice);
  });

  it.each(["p12", "p12-compat"])("with the %s file and the password beside it", async (format) => {
    await exported("alice", format, "--out", file(format));
    expect(await whoami("--cert-type", "P12", "--cert", opened(format))).toEqual(alice);
  });
});
