import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Checkout, type Outcome, run } from "./checkout.ts";
import { writeStackFiles } from "./stack-files.ts";

/** The user's own password, in the first line of {@link OWN_FILE}. */
export const OWN_PASSWORD = "correct horse battery staple";
/** A file in the user's folder. */
export const OWN_FILE = "own";

/** Somebody who calls `export` in a folder of their own, where the stack's files are there. */
export class ExportingUser {
  readonly lab: Checkout;
  private folder = "";

  /** @param name what the test is about. */
  constructor(name: string) {
    this.lab = new Checkout(`it-${name}-${process.pid}`);
  }

  /** Writes the files of a stack with the clients alice and bob. */
  async open(): Promise<void> {
    this.lab.configure({});
    await writeStackFiles(this.lab.file("."), ["bob", "alice"]);
  }

  /** Goes to a new folder, where there is nothing but the file with the user's password. */
  goToNewFolder(): void {
    this.folder = mkdtempSync(join(this.lab.root, "user-"));
    writeFileSync(this.at(OWN_FILE), `${OWN_PASSWORD}\nand more\n`);
  }

  close(): void {
    rmSync(this.lab.root, { recursive: true, force: true });
  }

  /** Runs `export`. */
  export(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const script = [join(this.lab.root, "cli", "bootstrap.mjs"), "export", "--stack", this.lab.stack];
    return run(process.execPath, [...script, ...args], this.folder, { ...process.env, ...env });
  }

  /** Runs another program and returns what it prints. Throws with its words if it fails. */
  run(program: string, ...args: string[]): string {
    const env = { ...process.env, LC_ALL: "C" }; // keytool speaks several languages
    return execFileSync(program, args, { cwd: this.folder, env, encoding: "utf8", stdio: "pipe" });
  }

  /** Path of a file in the folder. */
  at(file: string): string {
    return join(this.folder, file);
  }

  /** What is in a file of the folder. */
  text(file: string): string {
    return readFileSync(this.at(file), "utf8");
  }

  /** What is in one of alice's files, as the stack has it. */
  alice(file: string): string {
    return readFileSync(this.lab.file(`clients/alice/${file}`), "utf8");
  }

  /** Every file that was made in the folder, with its mode. */
  made(): Record<string, string> {
    const files = readdirSync(this.folder).filter((file) => file !== OWN_FILE);
    return Object.fromEntries(files.map((file) => [file, (statSync(this.at(file)).mode & 0o777).toString(8)]));
  }
}
