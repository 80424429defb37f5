import { access, constants } from "node:fs/promises";

import { findProgram } from "../find-program.ts";
import { type Command, withSudo } from "./command.ts";

export const STORE_KINDS = ["system", "nss", "java"] as const;
/** `system`: what curl and most programs ask; `nss`: Chromium's and Firefox's; `java`: that of the Java runtime. */
export type StoreKind = (typeof STORE_KINDS)[number];

/** One place where programs look up which certificate authorities to trust. */
export interface TrustStore {
  readonly kind: StoreKind;
  /** Its folder or file: tells it from others of its kind, and finds it again later. */
  readonly place: string;

  /** What our certificate is called there: a file, a nickname or an alias. */
  entryFor(label: string): string;

  /**
   * Whether programs that ask this store trust the certificate now, whoever put it there.
   *
   * @throws where the store cannot be read, or keeps the certificate as one that is not trusted.
   */
  isTrusted(sha256: string): Promise<boolean>;

  /**
   * Whether the entry is there and is this certificate.
   *
   * @throws where the store cannot be read.
   */
  holds(entry: string, sha256: string): Promise<boolean>;

  /** What makes the store trust a certificate, one after the other. */
  toAdd(entry: string, certPem: string): Command[];

  /** What takes that entry out again, one after the other. */
  toRemove(entry: string, sha256: string): Command[];
}

/** What decides which stores there are and how they are changed. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Looked at: PATH, HOME, JAVA_HOME, XDG_CONFIG_HOME and XDG_DATA_HOME. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether this process may change everything; else `sudo` must help. */
  readonly isRoot: boolean;
  /** File whose first line is the password of Java's store. @default - Java's own, `changeit` */
  readonly javaStorepassFile?: string;
}

/** What a search for the stores of one kind brought. */
export interface Search {
  readonly stores: readonly TrustStore[];
  /** Why there is none, with what to install. */
  readonly skipped?: string;
}

/** One kind of store on a machine. */
export interface StoreFamily {
  /** The stores that there are. */
  find(machine: Machine): Search | Promise<Search>;
  /**
   * The store at a place that is on record; `undefined`: that place is gone.
   *
   * @throws {Failure} where the program that changes it is missing.
   */
  at(place: string, machine: Machine): TrustStore | undefined | Promise<TrustStore | undefined>;
}

/** Why a store that only root may change cannot be changed. */
export const NEEDS_ROOT = "only root may change it, and there is no sudo: run this as root";

/** Makes commands that may change a file or a folder; `undefined`: nobody here may. */
export async function commandsFor(
  path: string,
  machine: Machine,
): Promise<((command: Command) => Command) | undefined> {
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (machine.isRoot || writable) return (command) => command;
  return findProgram("sudo", machine.env) === undefined ? undefined : withSudo;
}
