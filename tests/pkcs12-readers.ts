/** Programs that open PKCS#12 files, each with code of its own, and what they find inside. */
import { spawnSync } from "node:child_process";
import { createPublicKey, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

import { certificatesOf } from "../provider/x509/chain.ts";
import type { Identity } from "./test-pki.ts";

/** What a reader found in a file. */
export interface Found {
  /** SHA-256 fingerprints, sorted: each reader has an order of its own. */
  certificates: string[];
  /** The public half of the key, PEM. */
  publicKeyPem: string;
  /** Left out where the reader knows none, or not to the letter. */
  friendlyName?: string;
}

/** Opens a file. Throws with the reader's words if it does not. */
export type Reader = (file: Buffer, password: string) => Found | Promise<Found>;

/** OpenSSL. Its word for a name does not count: 3.0 prints the low octet of each character. */
export const openssl: Reader = (file, password) =>
  inFolder((folder) => {
    const path = written(folder, "file.p12", file);
    const text = run("openssl", ["pkcs12", "-in", path, "-noenc", "-passin", `pass:${password}`]);
    return { certificates: fingerprintsOf(text), publicKeyPem: publicPem(createPublicKey(block("PRIVATE KEY", text))) };
  });

/** GnuTLS. */
export const certtool: Reader = (file, password) => inFolder((folder) => readWithCerttool(folder, file, password));

/** NSS, the library of Firefox and of Chromium on Linux: imports into a database, and exports from there. */
export const pk12util: Reader = (file, password) =>
  inFolder((folder) => {
    const database = ["-d", `sql:${folder}`];
    const copy = join(folder, "copy.p12");
    run("certutil", ["-N", ...database, "--empty-password"]);
    run("pk12util", ["-i", written(folder, "given.p12", file), ...database, "-W", password]);
    const [, nickname] = /^< 0> +\w+ +\w+ +(.*)$/m.exec(run("certutil", ["-K", ...database]))!;
    run("pk12util", ["-o", copy, "-n", nickname!, ...database, "-W", password]);
    return readWithCerttool(folder, readFileSync(copy), password);
  });

/** Java: imports into a key store of its own making. Its names have no capital letters. */
export const keytool: Reader = (file, password) =>
  inFolder((folder) => {
    const copy = join(folder, "copy.p12");
    const from = ["-srckeystore", written(folder, "given.p12", file), "-srcstoretype", "PKCS12"];
    const to = ["-destkeystore", copy, "-deststoretype", "PKCS12"];
    const passwords = ["-srcstorepass", password, "-deststorepass", password];
    run("keytool", ["-importkeystore", "-noprompt", ...from, ...to, ...passwords]);
    return readWithCerttool(folder, readFileSync(copy), password);
  });

/**
 * Node.js: a client shows what is in the file to a server that trusts only this root. That one accepts the leaf only
 * if the intermediates were shown as well; it tells the leaf alone.
 */
export const node =
  (root: Identity): Reader =>
  async (file, password) => {
    const secureContext = tls.createSecureContext({ pfx: file, passphrase: password });
    const { certPem: cert, privateKeyPem: key } = root;
    const server = tls.createServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = tls.connect({ port, host: "127.0.0.1", secureContext, rejectUnauthorized: false });
    try {
      const [socket] = (await once(server, "secureConnection")) as [tls.TLSSocket];
      if (!socket.authorized) throw socket.authorizationError;
      const leaf = socket.getPeerX509Certificate()!;
      return { certificates: [leaf.fingerprint256], publicKeyPem: publicPem(leaf.publicKey) };
    } finally {
      client.destroy();
      server.close();
    }
  };

/** SHA-256 fingerprints of the certificates in a text, sorted. */
export function fingerprintsOf(text: string): string[] {
  return certificatesOf(text)
    .map((cert) => cert.fingerprint256)
    .sort();
}

/** A public key as {@link Found} has it. */
export function publicPem(publicKey: KeyObject): string {
  return publicKey.export({ type: "spki", format: "pem" }) as string;
}

function readWithCerttool(folder: string, file: Buffer, password: string): Found {
  const path = written(folder, "file.p12", file);
  const text = run("certtool", ["--p12-info", "--inder", "--infile", path, "--password", password]);
  const key = written(folder, "encrypted.key", block("ENCRYPTED PRIVATE KEY", text));
  const info = run("certtool", ["--pubkey-info", "--load-privkey", key, "--password", password]);
  return {
    certificates: fingerprintsOf(text),
    publicKeyPem: publicPem(createPublicKey(block("PUBLIC KEY", info))),
    friendlyName: /Friendly name: (.*)\n/.exec(text)?.[1],
  };
}

/** The first PEM block with this label. */
function block(label: string, text: string): string {
  return new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n`).exec(text)![0];
}

function run(program: string, args: string[]): string {
  const env = { ...process.env, LC_ALL: "C.UTF-8" }; // their words in English
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(error?.message ?? `${program}: ${stdout}${stderr}`);
  return stdout;
}

function written(folder: string, name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function inFolder(read: (folder: string) => Found): Found {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-pkcs12-"));
  try {
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
