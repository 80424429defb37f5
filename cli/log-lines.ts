import type { LogLine } from "./log-entries.ts";

/** Docker's word for a stream, as the first octet of a frame has it. */
const STREAMS: Record<number, LogLine["stream"] | undefined> = { 1: "stdout", 2: "stderr" };
const HEADER_OCTETS = 8;

/**
 * The lines of a container's log, as Docker sends it with timestamps: frames of one message each, and of a line that is longer
 * than 16 kB several.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export async function* linesIn(chunks: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const begun: Partial<Record<LogLine["stream"], LogLine>> = {};
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    while (rest.length >= start + HEADER_OCTETS) {
      const end = start + HEADER_OCTETS + rest.readUInt32BE(start + 4);
      if (rest.length < end) break;
      const stream = STREAMS[rest[start]!] ?? "stdout";
      const message = rest.toString("utf8", start + HEADER_OCTETS, end);
      start = end;
      const space = message.indexOf(" ");
      const text = message.slice(space + 1);
      const { time, text: before } = begun[stream] ?? { time: message.slice(0, space), text: "" };
      delete begun[stream];
      if (text.endsWith("\n")) yield { time, stream, text: before + text.slice(0, -1) };
      else begun[stream] = { time, stream, text: before + text };
    }
    rest = rest.subarray(start);
  }
  yield* Object.values(begun); // the container was killed in the middle of a line
}
