/** Both ends of a web socket (RFC 6455), for single text frames of less than 126 bytes. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import https, { type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT_FRAME = 0x81;
const MASK_BIT = 0x80;
const MASK = Buffer.from([1, 2, 3, 4]);

/** The server's end: greets, then sends each text back. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, greeting: string): void {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${GUID}`).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
  socket.write(frame(greeting));
  socket.on("data", (sent: Buffer) => socket.write(frame(masked(sent.subarray(6), sent.subarray(2, 6)).toString())));
  socket.on("error", () => {}); // the other end is gone
}

/**
 * The client's end: sends each text after the one before was answered, and returns what came, the greeting first. Where the server
 * does not switch, it returns the status.
 */
export async function talk(options: RequestOptions, texts: string[]): Promise<string[] | number> {
  const headers = {
    ...options.headers,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const request = https.request({ ...options, agent: false, headers });
  request.end();
  const switched = once(request, "upgrade") as Promise<[IncomingMessage, Duplex, Buffer]>;
  const refused = (once(request, "response") as Promise<[IncomingMessage]>).then(([{ statusCode }]) => statusCode!);
  const outcome = await Promise.race([switched, refused]);
  if (typeof outcome === "number") {
    request.destroy();
    return outcome;
  }
  const [, socket, head] = outcome;
  if (head.length > 0) socket.unshift(head);
  const heard = [await read(socket)];
  for (const text of texts) {
    socket.write(
      Buffer.concat([Buffer.from([TEXT_FRAME, MASK_BIT | text.length]), MASK, masked(Buffer.from(text), MASK)]),
    );
    heard.push(await read(socket));
  }
  socket.destroy();
  return heard;
}

function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([TEXT_FRAME, Buffer.byteLength(text)]), Buffer.from(text)]);
}

function masked(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ mask[index % mask.length]!));
}

async function read(socket: Duplex): Promise<string> {
  const [bytes] = (await once(socket, "data")) as [Buffer];
  return bytes.subarray(2).toString();
}
