import { X509Certificate } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import tls from "node:tls";

import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { type Expected, probe } from "../../provider/probe.ts";
import { siteReload } from "../../provider/site-reload.ts";
import { type Identity, identity } from "../test-pki.ts";

let own: Identity;
let other: Identity;
let fingerprintSha256: string;
let server: Server;

beforeAll(async () => {
  own = await identity({ subject: { commonName: "site" } });
  other = await identity({ subject: { commonName: "other" } });
  fingerprintSha256 = new X509Certificate(own.certPem).fingerprint256;
});

afterEach(() => {
  server.close();
});

/** Listens on a loopback port, and returns what a probe of it expects. */
async function listen(listening: Server, serverName = "lab.localhost"): Promise<Expected> {
  server = listening;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: "127.0.0.1", port, serverName, fingerprintSha256, statusWithoutCertificate: 400 };
}

/** A site that answers every connection with this text, and notes what it was asked. */
function site(answer: string, asked: string[] = [], { certPem, privateKeyPem } = own): Server {
  const demands = { requestCert: true, rejectUnauthorized: false };
  return tls.createServer({ cert: certPem, key: privateKeyPem, ...demands }, (socket) => {
    socket.once("data", (request: Buffer) => {
      asked.push(JSON.stringify([socket.servername, socket.getPeerCertificate(), request.toString()]));
      socket.end(answer);
    });
  });
}

const BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

describe("a probe", () => {
  it.each([
    ["lab.localhost", "lab.localhost"],
    ["192.0.2.1", false],
    ["[2001:db8::1]", false],
  ])("asks for %s as a client without a certificate, with the server name %s", async (serverName, sent) => {
    const asked: string[] = [];
    const expected = await listen(site(BAD_REQUEST, asked), serverName);

    expect(await probe(expected)).toEqual({ fingerprintSha256, status: 400 });
    const request = `GET /whoami HTTP/1.1\r\nHost: ${serverName}\r\nConnection: close\r\n\r\n`;
    expect(asked).toEqual([JSON.stringify([sent, {}, request])]);
  });

  it("returns what it found, expected or not", async () => {
    const expected = await listen(site("HTTP/1.1 301 Moved\r\n\r\n", [], other));

    expect(await probe(expected)).toEqual({
      fingerprintSha256: new X509Certificate(other.certPem).fingerprint256,
      status: 301,
    });
  });

  it.each<[string, () => Server, string]>([
    [
      "is closed before the handshake",
      () => createServer((socket) => void socket.end()),
      "socket disconnected before secure",
    ],
    ["is closed after it", () => site(""), "the connection was closed without an answer"],
    ["says nothing", () => createServer(() => undefined), "no answer"],
    ["speaks no TLS", () => createServer((socket) => void socket.end(BAD_REQUEST)), "wrong version number"],
  ])("fails if the connection %s", async (_, listening, words) => {
    await expect(probe(await listen(listening()))).rejects.toThrow(words);
  });

  it("fails if nobody listens", async () => {
    const expected = await listen(site(BAD_REQUEST));
    await new Promise((resolve) => server.close(resolve));

    await expect(probe(expected)).rejects.toThrow("ECONNREFUSED");
  });
});

describe("SiteReload", () => {
  const resourceOf = (inputs: Expected) => ({
    id: "c1",
    inputs: { ...inputs, containerId: "c1", version: "v1" },
    outputs: { servedFingerprint: fingerprintSha256, servedStatus: 400 },
  });

  it("has nothing to do while the declared certificate is served", async () => {
    const resource = resourceOf(await listen(site(BAD_REQUEST)));

    expect(await siteReload.diff(resource, resource.inputs)).toEqual({ update: [], replace: [] });
    expect(await siteReload.read!(resource)).toEqual(resource);
  });

  it("sees that another certificate is served", async () => {
    const resource = resourceOf(await listen(site(BAD_REQUEST, [], other)));

    expect(await siteReload.diff(resource, resource.inputs)).toEqual({ update: ["servedFingerprint"], replace: [] });
    expect((await siteReload.read!(resource))!.outputs).toEqual({
      servedFingerprint: new X509Certificate(other.certPem).fingerprint256,
      servedStatus: 400,
    });
  });

  it("sees that a client without a certificate is let in", async () => {
    const resource = resourceOf(await listen(site("HTTP/1.1 200 OK\r\n\r\n")));

    expect(await siteReload.diff(resource, resource.inputs)).toEqual({ update: ["servedStatus"], replace: [] });
    expect((await siteReload.read!(resource))!.outputs).toEqual({ ...resource.outputs, servedStatus: 200 });
  });

  it("sees that nothing is served", async () => {
    const resource = resourceOf(await listen(createServer((socket) => void socket.destroy())));

    expect(await siteReload.diff(resource, resource.inputs)).toEqual({
      update: ["servedFingerprint", "servedStatus"],
      replace: [],
    });
    expect((await siteReload.read!(resource))!.outputs).toEqual({ servedFingerprint: "", servedStatus: 0 });
  });

  it.each(["version", "containerId", "fingerprintSha256", "port"])(
    "reloads when %s changes, and replaces nothing",
    async (property) => {
      const resource = resourceOf(await listen(site(BAD_REQUEST)));

      expect(await siteReload.diff(resource, { ...resource.inputs, [property]: "other" })).toEqual({
        update: [property],
        replace: [],
      });
    },
  );
});
