/** A Docker volume that holds a site as its directory does: versions beside each other, and the link `current`. */
import type Docker from "dockerode";

import { docker } from "./docker.ts";
import { createOneShot, removeOneShot, runOneShot } from "./one-shot.ts";
import { type Archived, archiveOf, readArchive } from "./site-archive.ts";

/** A volume, and how a container gets at it. */
export interface Volume {
  /** Its name. */
  volume: string;
  /** Image that has `sh`, `ln`, `mv` and `rm`: the site's. */
  image: string;
  /** Where the site has it. */
  mountPath: string;
  /** `uid:gid` of the files' owner. */
  user: string;
}

const EMPTY: Archived = { version: "", numbers: [], published: {} };

/** Switches to a version as `SiteFiles` does on a disk, and removes the others. The names are arguments: nothing of them is code. */
const SWITCH = [
  'cd "$1"',
  "rm -f .current.tmp", // of a killed update
  'ln -s "$2" .current.tmp',
  "mv -fT .current.tmp current",
  'for version in v*; do [ "$version" = "$2" ] || rm -rf "$version"; done',
].join(" && ");

/** What is in a volume now; of one that is not there, nothing. */
export async function inVolume(place: Volume): Promise<Archived> {
  const found = await docker.getVolume(place.volume).inspect().catch(ifMissing);
  if (!found) return EMPTY; // a container that has it mounted would make it
  const container = await createOneShot(oneShot(place, []));
  try {
    return await readArchive(await container.getArchive({ path: place.mountPath }));
  } finally {
    await removeHelper(place.volume);
  }
}

/**
 * Copies a version out of a directory, beside the one in force, and switches to it in one step.
 *
 * @returns the name that it has in the volume.
 */
export async function upload(place: Volume, directory: string, version: string): Promise<string> {
  const { numbers } = await inVolume(place);
  const name = `v${Math.max(0, ...numbers) + 1}`;
  const container = await createOneShot(oneShot(place, ["-c", SWITCH, "sh", place.mountPath, name]));
  try {
    await container.putArchive(await archiveOf(directory, version, place.mountPath, name), { path: "/" });
    const { lines, status } = await runOneShot(container);
    if (status !== 0) throw new Error(lines.at(-1) ?? `exit code ${status}`);
  } catch (error) {
    await removeHelper(place.volume);
    throw new Error(
      `the site's files did not get into the volume ${place.volume}, and it stays as it was: ${(error as Error).message}`,
    );
  }
  return name;
}

/** Removes the container that a killed update may have left of its upload. */
export async function removeHelper(volume: string): Promise<void> {
  await removeOneShot({ task: "upload", about: volume });
}

function oneShot({ volume, image, mountPath, user }: Volume, command: string[]) {
  const mount: Docker.MountSettings = { Type: "volume", Source: volume, Target: mountPath };
  return { task: "upload" as const, about: volume, image, user, entrypoint: ["sh"], command, mount };
}

function ifMissing(error: Error & { statusCode?: number }): undefined {
  if (error.statusCode !== 404) throw error;
}
