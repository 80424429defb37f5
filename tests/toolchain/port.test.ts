import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

import { describe, expect, it } from "@jest/globals";

import { whoHolds } from "../../toolchain/port.ts";

async function listen(address: string) {
  const server = createServer();
  await once(server.listen(0, address), "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

describe("whoHolds", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["::", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
  ])("names the process that listens on %s, asked for %s", async (listening, wanted) => {
    using server = await listen(listening);

    expect(await whoHolds(server.port, wanted)).toEqual({
      label: expect.stringMatching(new RegExp(`^\\S.* \\(pid ${process.pid}\\)$`)),
      pid: process.pid,
    });
  });

  it("leaves a listener on another address alone", async () => {
    using server = await listen("127.0.0.2");

    expect(await whoHolds(server.port, "127.0.0.1")).toBeUndefined();
  });

  it("finds a port free once its listener has gone", async () => {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");

    expect(await whoHolds(port)).toBeUndefined();
  });
});
