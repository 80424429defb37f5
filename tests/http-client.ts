import http, { type IncomingHttpHeaders } from "node:http";
import https from "node:https";
import net from "node:net";

import type { Identity } from "./test-pki.ts";

/** A request to a port of this machine; with `tls`, over TLS. */
export interface Request {
  port: number;
  /** The Host header. */
  host: string;
  path?: string;
  method?: string;
  /** Further headers; of a list each value is one of its own. */
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  tls?: TlsClient;
}

/** How a client shakes hands. */
export interface TlsClient {
  /** Root certificate it trusts, PEM. */
  ca: string;
  /** SNI; an empty text: none. */
  servername: string;
  /** The certificate it offers, with its intermediates. */
  identity?: Identity;
  /** OpenSSL's cipher list. @default - Node.js's own */
  ciphers?: string;
}

/** What came back. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends one request on a connection of its own. Rejects if the handshake fails, the server's certificate included. */
export function request({ port, host, path = "/", method = "GET", headers, body, tls }: Request): Promise<Answer> {
  const common = { host: "127.0.0.1", port, path, method, agent: false, headers: { ...headers, host } };
  const { identity, ...trust } = tls ?? {};
  return new Promise((resolve, reject) => {
    const sent = tls
      ? https.request({ ...common, ...trust, cert: identity?.chainPem, key: identity?.privateKeyPem })
      : http.request(common);
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      response.on("error", reject);
    });
    sent.end(body);
  });
}

/** Sends a text as it is, without TLS, and returns all that comes back. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  socket.end(text);
  return Buffer.concat((await socket.toArray()) as Buffer[]).toString("latin1");
}
