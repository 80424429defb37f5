/** The programs of examples/upstreams on the real engine. */
import { statSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { freePorts, run } from "../checkout.ts";
import { type Echo, type EchoService, startEchoService } from "../echo-service.ts";
import { ExampleProgram } from "../example-program.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const HOST = "shop.localhost";

/** A program that is up before its tests and goes away after them. */
function example(name: string, prepare = async (_program: ExampleProgram) => {}): ExampleProgram {
  const program = new ExampleProgram(`upstreams/${name}.ts`);
  beforeAll(async () => {
    await program.open();
    await prepare(program);
    await program.up();
    program.write("root.crt", await program.succeed("stack", "output", "rootCertPem"));
  });
  afterAll(() => program.remove());
  return program;
}

/** What alice gets. */
async function ask(program: ExampleProgram, path: string): Promise<string> {
  const trust = ["--cacert", program.file("root.crt"), "--resolve", `${HOST}:${program.port}:127.0.0.1`];
  const alice = ["--cert", program.file("out/alice/chain.crt"), "--key", program.file("out/alice/client.key")];
  const { status, stdout, stderr } = await run("curl", [
    "-sSf",
    ...trust,
    ...alice,
    `https://${HOST}:${program.port}${path}`,
  ]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe("a service with mutual TLS", () => {
  let orders: EchoService | undefined;
  let port = 0;
  const program = example("mutual-tls", async (made) => {
    [port] = (await freePorts(1)) as [number];
    await made.succeed("config", "set", "ordersPort", `${port}`);
  });
  beforeAll(async () => {
    const [ca, cert, key] = ["clients.crt", "server.crt", "server.key"].map((file) =>
      program.read(`out/orders/${file}`),
    );
    orders = await startEchoService({ ca, cert, key, requestCert: true }, port);
  });
  afterAll(() => orders?.close());

  it("sees the site by its certificate, and hears from it who the client is", async () => {
    const { url, servername, peer, headers } = JSON.parse(await ask(program, "/orders/7")) as Echo;

    expect({ url, servername, peer }).toEqual({
      url: "/orders/7",
      servername: "orders.shop.internal",
      peer: "gateway",
    });
    expect(Object.fromEntries(headers)).toMatchObject({
      "X-SSL-Client-S-DN": "CN=alice",
      "Client-Cert": expect.stringMatching(/^:[\w+/]+=*:$/),
      "Client-Cert-Chain": expect.stringMatching(/^:[\w+/]+=*:$/),
    });
  });

  it("can be asked with the site's certificate only, not with a client's", async () => {
    const statusWith = async (identity: string) => {
      const args = ["--cert", program.file(`${identity}.crt`), "--key", program.file(`${identity}.key`)];
      return (await run("curl", ["-sSfk", ...args, `https://127.0.0.1:${port}/orders`])).status;
    };

    expect(await statusWith("out/site/current/upstreams/1/client")).toBe(0);
    expect(await statusWith("out/alice/client")).not.toBe(0);
  });

  it("leaves the site's key to nginx alone", () => {
    expect(statSync(program.file("out/site/current/upstreams/1/client.key")).mode & 0o777).toBe(0o600);
  });

  it("is just as it was after a second update", async () => {
    await program.up("--expect-no-changes");
  });
});

describe("a service in a container", () => {
  const program = example("container");

  it("is found by its name", async () => {
    expect(await ask(program, "/orders")).toBe("Hello, CN=alice\n");
  });

  it("is just as it was after a second update, and for a refresh", async () => {
    await program.up("--expect-no-changes");
    await program.succeed("preview", "--refresh", "--expect-no-changes");
  });
});
