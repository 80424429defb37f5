import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { causeOf } from "./failure.ts";

/** How long a server may take to answer before the next source is tried. */
const ANSWER_MILLISECONDS = 4000;

/** Asks a server for something, and throws with the cause where it does not answer soon or not with it. */
export async function reach(url: string, method: "GET" | "HEAD" = "HEAD"): Promise<Response> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), ANSWER_MILLISECONDS);
  try {
    const response = await fetch(url, { method, signal: silence.signal });
    if (!response.ok) throw new Error(`${new URL(url).host} answers ${response.status}`);
    return response;
  } catch (error) {
    if (silence.signal.aborted) throw new Error(`${new URL(url).host} does not answer`);
    throw new Error(causeOf((error as Error).cause ?? error));
  } finally {
    clearTimeout(timer);
  }
}

/** Unpacks a `.tar.gz` from a server into a folder, without the archive's own top folder. */
export async function downloadTar(url: string, folder: string): Promise<void> {
  const { body } = await reach(url, "GET");
  if (body === null) throw new Error(`${url} is empty`);
  mkdirSync(folder, { recursive: true });
  const tar = spawn("tar", ["-xz", "--strip-components=1", "-C", folder], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = new Promise<number | null>((resolve, reject) => tar.on("exit", resolve).on("error", reject));
  await pipeline(Readable.fromWeb(body), tar.stdin);
  const status = await ended;
  if (status !== 0) throw new Error(`${url} is not a .tar.gz (tar: ${status})`);
}
