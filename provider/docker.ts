/** The Docker daemon that DOCKER_HOST names, or the local one. Load it with `await import(...)`: it is large. */
import { PassThrough, Readable } from "node:stream";
import Docker from "dockerode";

export const docker = new Docker();

/** The last lines that a container wrote, since a moment in Unix seconds. */
export async function logLines(container: Docker.Container, lines: number, since = 0): Promise<string[]> {
  const framed = await container.logs({ stdout: true, stderr: true, tail: lines, since, follow: false });
  return linesOf(Readable.from([framed]));
}

/** The lines in a container's output, standard output and error together, when the stream has ended. */
export async function linesOf(framed: NodeJS.ReadableStream): Promise<string[]> {
  const plain = new PassThrough();
  docker.modem.demuxStream(framed, plain, plain);
  framed.on("end", () => plain.end());
  const text = Buffer.concat((await plain.toArray()) as Buffer[]).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}
