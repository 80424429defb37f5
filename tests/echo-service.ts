/** A service on this machine that answers with what it was asked: what a site in front of it has made of a request. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https, { type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

import { acceptWebSocket } from "./web-socket.ts";

/** A request as it came to the service. */
export interface Echo {
  method: string;
  url: string;
  /** Every header, with its name as it was written. */
  headers: [name: string, value: string][];
  bodySha256: string;
  /** SNI; empty without. */
  servername: string;
  /** Common name of the client's certificate; empty without. */
  peer: string;
}

/** A service that runs. */
export interface EchoService {
  port: number;
  /** How many connections were made to it so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Room for the largest certificate that a site tells, twice. */
const MAX_HEADER_SIZE = 65_536;

/**
 * Starts it on all addresses, on a free port unless one is given. A request may have in its query a `status` to be answered with, a `location` to be sent to, a
 * `cookie`, or a number of milliseconds to `wait` for. A web socket is told who the client is, and then gets back what it sends.
 */
export async function startEchoService(tls?: ServerOptions, port = 0): Promise<EchoService> {
  const answer = (request: IncomingMessage, response: ServerResponse) => void echo(request, response);
  const options = { ...tls, maxHeaderSize: MAX_HEADER_SIZE };
  const server = tls ? https.createServer(options, answer) : http.createServer(options, answer);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("tlsClientError", () => {}); // the site is told
  server.on("upgrade", (request, socket) =>
    acceptWebSocket(request, socket, `hello ${String(request.headers["x-ssl-client-s-dn"])}`),
  );
  server.listen(port, "0.0.0.0");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  for await (const part of request) hash.update(part as Buffer);
  const query = new URL(request.url!, "http://service").searchParams;
  await sleep(Number(query.get("wait") ?? 0));

  const socket = request.socket as Partial<TLSSocket> & { servername?: string };
  const said: Echo = {
    method: request.method!,
    url: request.url!,
    headers: request.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1]!]] : [])),
    bodySha256: hash.digest("hex"),
    servername: socket.servername || "",
    peer: String(socket.getPeerCertificate?.().subject?.CN ?? ""),
  };
  const headers = { location: query.get("location"), "set-cookie": query.get("cookie") };
  const asked = Object.entries(headers).filter(([, value]) => value !== null) as [string, string][];
  response.writeHead(Number(query.get("status") ?? 200), {
    "content-type": "application/json",
    "cache-control": "max-age=60",
    ...Object.fromEntries(asked),
  });
  response.end(JSON.stringify(said));
}
