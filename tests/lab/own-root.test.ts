import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { ConfigError, type LabConfig } from "../../config.ts";
import { readOwnRoot } from "../../lab/own-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const config = (rootCertFile: string, rootKeyFile = "") => ({ rootCertFile, rootKeyFile }) as LabConfig;

/** A folder with a certificate and a key of this mode. */
function folderWith(mode: number): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "root.crt"), "<certificate>");
  writeFileSync(join(folder, "root.key"), "<key>");
  chmodSync(join(folder, "root.key"), mode);
  return folder;
}

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error("it was not refused");
}

describe("a root of one's own", () => {
  it("is none where no file is named", () => {
    expect(readOwnRoot(config(""))).toBeUndefined();
  });

  it("is a certificate, and a key where it is here", () => {
    const folder = folderWith(0o600);

    expect(readOwnRoot(config(join(folder, "root.crt")))).toEqual({ certPem: "<certificate>" });
    expect(readOwnRoot(config(join(folder, "root.crt"), join(folder, "root.key")))).toEqual({
      certPem: "<certificate>",
      privateKeyPem: "<key>",
    });
  });

  it("is read from the checkout, wherever one is", () => {
    expect(readOwnRoot(config("tests/lab/own-root.test.ts"))?.certPem).toContain("wherever one is");
  });

  it("is refused if a file is not there, or is none", () => {
    const folder = folderWith(0o600);
    mkdirSync(join(folder, "folder"));

    expect(refusalOf(() => readOwnRoot(config(join(folder, "no.crt"))))).toBe(
      `configuration key 'rootCertFile' names ${join(folder, "no.crt")}, which is not there`,
    );
    expect(refusalOf(() => readOwnRoot(config(join(folder, "root.crt"), join(folder, "folder"))))).toBe(
      `configuration key 'rootKeyFile' names ${join(folder, "folder")}, which cannot be read`,
    );
  });

  it.each([0o644, 0o640, 0o604, 0o660])("is refused if others may read its key: mode %o", (mode) => {
    const folder = folderWith(mode);
    const key = join(folder, "root.key");

    expect(refusalOf(() => readOwnRoot(config(join(folder, "root.crt"), key)))).toBe(
      `configuration key 'rootKeyFile' names a key that others may read (mode ${mode.toString(8)}): chmod 600 ${key}`,
    );
  });
});
