/** The Docker daemon that DOCKER_HOST names, or the local one. Load it with `await import(...)`: it is large. */
import { PassThrough, Readable } from "node:stream";
import Docker from "dockerode";

export const docker = new Docker();

/** The words of the daemon in an error, without those of its client. */
export function dockerSays(error: unknown): string {
  const { json, message } = error as Error & { json?: { message?: string } };
  return json?.message ?? message;
}

/** Docker's id of a network. Throws one sentence where there is none of this name. */
export async function networkId(name: string): Promise<string> {
  try {
    return ((await docker.getNetwork(name).inspect()) as { Id: string }).Id;
  } catch (error) {
    const { statusCode, message } = error as Error & { statusCode?: number };
    if (statusCode !== 404) throw new Error(message);
    throw new Error(`'networks' has ${name}, which Docker does not know: make it with docker network create ${name}`);
  }
}

/** Which lines of a container's standard error to read: since a moment in Unix seconds, or so many of the last. */
export type LogRange = { since: number } | { tail: number };

/** Lines that a container wrote to its standard error. Standard output is nginx's access log: clients choose what is in it. */
export async function errorLines(container: Docker.Container, range: LogRange): Promise<string[]> {
  const framed = await container.logs({ stderr: true, ...range, follow: false });
  return linesOf(Readable.from([framed]));
}

/** The lines in a container's output, when the stream has ended. */
export async function linesOf(framed: NodeJS.ReadableStream): Promise<string[]> {
  const plain = new PassThrough();
  docker.modem.demuxStream(framed, plain, plain);
  framed.on("end", () => plain.end());
  const text = Buffer.concat((await plain.toArray()) as Buffer[]).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}
