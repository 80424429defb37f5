import { isIP } from "node:net";
import { connect } from "node:tls";

/** Where the site is, and what a client must find there. */
export interface Expected {
  /** Address to connect to. */
  address: string;
  port: number;
  /** Name to send (SNI and Host), or an address, as in a URL (Host). */
  serverName: string;
  /** Fingerprint of the certificate that must be served, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprintSha256: string;
  /** HTTP status for a client without a certificate: 400 where one is demanded. */
  statusWithoutCertificate: number;
}

/** What a client without a certificate found. */
export interface Found {
  fingerprintSha256: string;
  status: number;
}

/** What is not as expected, as a clause. Undefined: nothing. */
export function difference(expected: Expected, found: Found): string | undefined {
  const { fingerprintSha256, statusWithoutCertificate } = expected;
  if (found.fingerprintSha256 !== fingerprintSha256) {
    return `it shows the certificate ${found.fingerprintSha256} instead of ${fingerprintSha256}`;
  }
  if (found.status !== statusWithoutCertificate) {
    return `a client without a certificate gets HTTP status ${found.status} instead of ${statusWithoutCertificate}`;
  }
  return undefined;
}

/** No answer after this long means that the site is not up. */
const TIMEOUT_MS = 1000;

/** Connects once, without a client certificate, and reads the served certificate and the status of `GET /whoami`, which is no service's. */
export function probe({ address, port, serverName }: Expected): Promise<Found> {
  return new Promise((resolve, reject) => {
    // An address is not sent as a server name (RFC 6066, 3).
    const servername = isIP(serverName.replace(/[[\]]/g, "")) ? "" : serverName;
    // Whether the certificate is the right one is decided by its fingerprint.
    const socket = connect({ host: address, port, servername, rejectUnauthorized: false });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed without an answer")));
    socket.once("secureConnect", () => {
      const fingerprintSha256 = socket.getPeerCertificate().fingerprint256;
      socket.once("data", (answer: Buffer) => {
        resolve({ fingerprintSha256, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString("latin1"))?.[1]) });
        socket.destroy();
      });
      socket.write(`GET /whoami HTTP/1.1\r\nHost: ${serverName}\r\nConnection: close\r\n\r\n`);
    });
  });
}
