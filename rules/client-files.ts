/** The files that a client gets. Pure, shared by components and provider. */
import type { FileToPublish } from "./file.ts";

/** What only the client itself may know. */
export interface ClientSecrets {
  /** PEM (PKCS#8). */
  privateKeyPem: string;
  /** PKCS#12 with the chain and the key, base64. */
  pkcs12Base64: string;
  /** Password of the PKCS#12 file: 128 random bits as text, the same for the client's life. */
  password: string;
}

/** What is in the files, as text or as what will be text. */
export interface ClientFileContents<T> extends Record<keyof ClientSecrets, T> {
  /** PEM. */
  certPem: T;
  /** The certificate and every CA below the root, PEM. */
  chainPem: T;
}

/** The files by their name; keys and passwords for their owner only. */
export function clientFiles<T>(contents: ClientFileContents<T>): Record<string, FileToPublish<T>> {
  return {
    "client.crt": { content: contents.certPem, mode: "0644" },
    "chain.crt": { content: contents.chainPem, mode: "0644" },
    "client.key": { content: contents.privateKeyPem, mode: "0600" },
    "client.p12": { content: contents.pkcs12Base64, encoding: "base64", mode: "0600" },
    password: { content: contents.password, mode: "0600" },
  };
}
