import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/**
 * A program that answers each line with one line, in order. It is started once for all questions: a Java machine needs
 * more time to start than for all its answers.
 */
export class LineProgram {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  /** Fulfilled when the program has ended. */
  private readonly ended: Promise<void>;
  private failure: Error | undefined;

  constructor(program: string, args: string[], env = process.env) {
    this.child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.child.stdout }).on("line", (line) => this.waiting.shift()?.resolve(line));
    let complaint = "";
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    this.child.stdin.on("error", () => {}); // it has ended, which "close" tells
    this.child.on("error", (error) => (complaint += error.message));
    this.ended = new Promise((resolve) => {
      this.child.on("close", (status) => {
        this.failure = new Error(`${program} has ended with ${status}: ${complaint.trim()}`);
        for (const { reject } of this.waiting.splice(0)) reject(this.failure);
        resolve();
      });
    });
  }

  ask(line: string): Promise<string> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${line}\n`);
    });
  }

  /** Ends the program. */
  stop(): Promise<void> {
    this.child.stdin.end();
    return this.ended;
  }
}
