/** The Docker daemon that DOCKER_HOST names, or the local one. Load it with `await import(...)`: it is large. */
import { PassThrough } from "node:stream";
import Docker from "dockerode";

export const docker = new Docker();

/** The last lines that a container wrote, standard output and error together, since a moment in Unix seconds. */
export async function logLines(container: Docker.Container, lines: number, since = 0): Promise<string[]> {
  const framed = await container.logs({ stdout: true, stderr: true, tail: lines, since, follow: false });
  const plain = new PassThrough();
  const frames = new PassThrough();
  docker.modem.demuxStream(frames, plain, plain);
  frames.end(framed);
  await new Promise((resolve) => frames.on("end", resolve));
  plain.end();
  const text = Buffer.concat(await plain.toArray()).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}
