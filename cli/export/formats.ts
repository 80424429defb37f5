import type { Stack } from "../stack.ts";
import type { Credentials } from "./credentials.ts";

/** What a format is made of. */
export interface Given {
  stack: Stack;
  credentials: Credentials;
  /** The user's own password or passphrase. */
  secret: string | undefined;
}

/** One thing that `export` can make. */
export interface Format {
  /**
   * What follows the client's name in the name of the file.
   *
   * @default - it is printed, unless the user names a file
   */
  suffix?: string;
  /**
   * The option with the file of the user's own password or passphrase.
   *
   * @default - there is nothing to encrypt
   */
  secretIn?: "passphraseFile" | "passwordFile";
  /** Whether it may be printed. */
  isText: boolean;
  make(given: Given): Promise<string | Buffer>;
}

const keyStore = (suffix: string, make: Format["make"]): Format => ({
  suffix,
  secretIn: "passwordFile",
  isText: false,
  make,
});

const snippet = (file: string): Format => ({
  isText: true,
  make: async (given) => (await import("./snippet.ts")).snippet(file, given),
});

/** Every format by its name: files with the credentials, then programs that use them. */
export const FORMATS = {
  pem: {
    suffix: ".pem",
    secretIn: "passphraseFile",
    isText: true,
    make: async (given) => (await import("./pem.ts")).pem(given),
  },
  p12: keyStore(".p12", async (given) => (await import("./p12.ts")).p12(given)),
  "p12-compat": keyStore("-compat.p12", async (given) => (await import("./p12.ts")).p12Compat(given)),
  jks: keyStore(".jks", async (given) => (await import("./jks.ts")).jks(given)),
  curl: snippet("curl"),
  httpie: snippet("httpie"),
  node: snippet("node"),
  python: snippet("python"),
  go: snippet("go"),
  java: snippet("java"),
} satisfies Record<string, Format>;

/** A key of {@link FORMATS}. */
export type FormatName = keyof typeof FORMATS;
