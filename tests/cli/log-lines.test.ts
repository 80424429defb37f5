import { describe, expect, it } from "@jest/globals";

import type { LogLine } from "../../cli/log-entries.ts";
import { linesIn } from "../../cli/log-lines.ts";

/** A message as Docker sends it: stream, three zeros, length, text. */
function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function read(...chunks: Buffer[]): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of linesIn(chunks)) lines.push(line);
  return lines;
}

describe("the lines of a container's log", () => {
  const log = Buffer.concat([frame(1, "t1 on é output\n"), frame(2, "t2 an error\n"), frame(1, "t3 \n")]);
  const lines = [
    { time: "t1", stream: "stdout", text: "on é output" },
    { time: "t2", stream: "stderr", text: "an error" },
    { time: "t3", stream: "stdout", text: "" },
  ];

  it("are those of both streams, with their times", async () => {
    expect(await read(log)).toEqual(lines);
    expect(await read()).toEqual([]);
  });

  it("are the same however they are cut on their way", async () => {
    for (let cut = 1; cut < log.length; cut++) {
      expect(await read(log.subarray(0, cut), log.subarray(cut))).toEqual(lines);
    }
    expect(await read(...[...log].map((octet) => Buffer.from([octet])))).toEqual(lines);
  });

  it("are whole where Docker has split a long one, while the other stream goes on", async () => {
    const frames = [frame(1, "t1 a long"), frame(2, "t2 error\n"), frame(1, "t3  line"), frame(1, "t4  ends\n")];
    expect(await read(...frames)).toEqual([
      { time: "t2", stream: "stderr", text: "error" },
      { time: "t1", stream: "stdout", text: "a long line ends" },
    ]);
  });

  it("end with what was begun where the container was killed", async () => {
    expect(await read(frame(2, "t1 begun"))).toEqual([{ time: "t1", stream: "stderr", text: "begun" }]);
  });

  it("are not split by what only looks like an end", async () => {
    expect(await read(frame(2, "t1 a\rb\u2028c\n"))).toEqual([{ time: "t1", stream: "stderr", text: "a\rb\u2028c" }]);
  });

  it("are read at once though there are many", async () => {
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, "t line\n")));
    expect(await read(many)).toHaveLength(100_000);
  });
});
