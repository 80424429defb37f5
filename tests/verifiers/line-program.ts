import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/**
 * A program that answers each line with one line, in order. It is started once for all questions: a Java machine needs
 * more time to start than for all its answers.
 */
export class LineProgram {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  private complaint = "";

  constructor(program: string, args: string[], env = process.env) {
    this.child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.child.stdout }).on("line", (line) => this.waiting.shift()?.resolve(line));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.complaint += text));
    this.child.stdin.on("error", () => {}); // it has ended: told by "close"
    this.child.on("error", (error) => (this.complaint += error.message));
    this.child.on("close", (status) => {
      for (const { reject } of this.waiting.splice(0)) {
        reject(new Error(`${program} ended with ${status} before it answered: ${this.complaint.trim()}`));
      }
    });
  }

  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${line}\n`);
    });
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.child.stdin.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
  }
}
