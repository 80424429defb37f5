import { randomBytes } from "node:crypto";
import { chmod, chown, readdir, readlink, rm, rmdir, symlink } from "node:fs/promises";
import { join } from "node:path";

import type { FileOwner } from "../rules/file.ts";
import {
  type Digests,
  digestsAt,
  digestsOf,
  directoryIdentity,
  publicationProblems,
  type FileInput,
  filesBelow,
  makeDirectory,
  makeRoom,
  removeFile,
  sameDigests,
  takePlace,
  temporaryFor,
  writeFileAtomically,
} from "./files.ts";
import type { Surroundings } from "./nginx-test.ts";
import {
  changedProperties,
  isKnown,
  type Properties,
  type Resource,
  type ResourceType,
  UNKNOWN,
} from "./resource-type.ts";

/** Inputs of `mtls:index:SiteFiles`; `resources/site-files.ts` documents them for users. */
interface Inputs {
  directory: string;
  files: Record<string, FileInput>;
  owner?: FileOwner;
  test?: Surroundings;
}

/** The link that nginx reads through. */
const CURRENT = "current";
/** Beside the versions, for people: always the configuration in force. */
const CONF = "nginx.conf";
/** Beside it only while it is tested. */
const LOOKUP_CONF = "lookup.conf";
const VERSION = /^v(\d+)$/;
/** Our links, and those that a killed run left half-made. */
const LINKS = /^(\.?current|\.?nginx\.conf)(\.tmp)?$/;

/**
 * The files of a site as one whole. A new version is written beside the one in force, tested by the site's own
 * nginx, and switched to by renaming one symbolic link. What fails before that leaves the site as it was.
 */
export const siteFiles: ResourceType = {
  check: (inputs) => ({ inputs, problems: publicationProblems(inputs) }),

  async diff(resource, news) {
    const { directory, files, owner, test } = inputsOf(news);
    if (directory !== resource.inputs.directory) return { update: [], replace: ["directory"] };
    const { version, published } = await inForce(directory);
    const same = isKnown(files) && sameDigests(digestsOf(files), published) && (await isStillThere(resource));
    // An update that was killed before the state was saved may not have told nginx of its version.
    const sameVersion = !same || version === resource.outputs.version;
    // What another image, or the same for another user, thinks of the files is to be known before a container is replaced.
    const isTested =
      test === undefined || changedProperties(resource.inputs, { ...resource.inputs, test }).length === 0;
    const sameOwner = JSON.stringify(owner) === JSON.stringify(resource.inputs.owner);
    const hasRevisions = resource.outputs.revisions !== undefined; // an older plugin did not say them
    const isAsBefore = { files: same, version: sameVersion, test: isTested, owner: sameOwner, revisions: hasRevisions };
    const update = Object.entries(isAsBefore);
    return { update: update.flatMap(([property, isSame]) => (isSame ? [] : [property])), replace: [] };
  },

  async create(inputs) {
    await refuseForeign(inputsOf(inputs).directory);
    return { id: inputsOf(inputs).directory, inputs, outputs: await publish(inputsOf(inputs)) };
  },

  async read(resource) {
    const { directory } = inputsOf(resource.inputs);
    const found = { ...(await inForce(directory)), directoryIdentity: await directoryIdentity(directory) };
    return { ...resource, outputs: { ...resource.outputs, ...found } };
  },

  // While the directory stays, a container that mounts it can stay as well.
  async previewUpdate(resource, news) {
    const { files } = inputsOf(news);
    const revisions = isKnown(files) ? revisionsOf(digestsOf(files), UNKNOWN, resource) : UNKNOWN;
    const { directoryIdentity } = resource.outputs;
    return { revisions, ...((await isStillThere(resource)) ? { directoryIdentity } : {}) };
  },

  update: (resource, news) => publish(inputsOf(news), resource),

  async delete(resource) {
    const { directory, test } = inputsOf(resource.inputs);
    if (test) {
      const { removeTest } = await import("./nginx-test.ts");
      await removeTest(directory);
    }
    for (const name of [CURRENT, CONF]) removeFile(join(directory, name));
    await removeVersions(directory, await versionsIn(directory));
    await rmdir(directory).catch(() => undefined); // not empty: somebody else's file is in it
  },
};

/** Whether the directory is the one that was published to, not another under its name. */
async function isStillThere({ inputs, outputs }: Resource): Promise<boolean> {
  return (await directoryIdentity(inputsOf(inputs).directory)) === outputs.directoryIdentity;
}

/** The version that nginx would read now, and what is in it. */
async function inForce(directory: string): Promise<{ version: string; published: Digests }> {
  const version = await readlink(join(directory, CURRENT)).catch(() => "");
  const root = join(directory, version);
  return { version, published: version ? digestsAt(root, await filesBelow(root)) : {} };
}

/** A directory is taken only when it is empty or holds what an earlier version of this site left there. */
async function refuseForeign(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const foreign = entries.find(
    (entry) =>
      !(entry.isDirectory() && VERSION.test(entry.name)) && !(entry.isSymbolicLink() && LINKS.test(entry.name)),
  );
  if (foreign) {
    throw new Error(`'directory' must be empty or this site's own, ${directory} holds ${foreign.name}: choose another`);
  }
}

/** @param before as it was published last: what nginx has found there is not looked for again. */
async function publish({ directory, files, owner, test }: Inputs, before?: Resource): Promise<Properties> {
  makeDirectory(directory); // those above it are not the owner's
  await chmod(directory, 0o700);
  if (owner) await chown(directory, owner.uid, owner.gid);

  const olds = await versionsIn(directory);
  const version = `v${Math.max(0, ...olds) + 1}`;
  const root = join(directory, version);
  try {
    for (const [path, file] of Object.entries(files)) await writeFileAtomically(join(root, path), file, owner);
    if (test) await testVersion(test, { directory, version }, newNames(test, before && inputsOf(before.inputs).test));
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }

  await pointTo(directory, CURRENT, version);
  await pointTo(directory, CONF, join(CURRENT, CONF));
  await removeVersions(directory, olds);
  const published = digestsOf(files);
  // A version comes again where the directory was lost: what was named after it may be left elsewhere.
  const revisions = revisionsOf(published, `${version}-${randomBytes(3).toString("hex")}`, before);
  return { version, published, revisions, directoryIdentity: await directoryIdentity(directory) };
}

/** The revision of each file: as before where its content is the same. */
function revisionsOf(now: Digests, revision: string, before: Resource | undefined): Record<string, string> {
  const { published = {}, revisions = {} } = (before?.outputs ?? {}) as Record<string, Record<string, string>>;
  const old = (path: string) => (published[path] === now[path] ? revisions[path] : undefined);
  return Object.fromEntries(Object.keys(now).map((path) => [path, old(path) ?? revision]));
}

async function testVersion(
  test: Surroundings,
  place: { directory: string; version: string },
  names: string[],
): Promise<void> {
  const { lookupConfiguration, testConfiguration } = await import("./nginx-test.ts");
  await testConfiguration({ ...test, ...place, file: CONF });
  if (names.length === 0) return;
  const path = join(place.directory, place.version, LOOKUP_CONF);
  await writeFileAtomically(path, { content: lookupConfiguration(names), mode: "0644" });
  await testConfiguration({ ...test, ...place, file: LOOKUP_CONF });
  removeFile(path);
}

/** A service that was found once may be away later: that is no reason to refuse, for example, a new revocation list. */
function newNames({ lookedUpNames = [], networks }: Surroundings, tested: Surroundings | undefined): string[] {
  const sameNetworks = JSON.stringify(networks) === JSON.stringify(tested?.networks);
  return lookedUpNames.filter((name) => !(sameNetworks && tested?.lookedUpNames?.includes(name)));
}

/** Replaces a symbolic link in one step. */
async function pointTo(directory: string, name: string, target: string): Promise<void> {
  const link = join(directory, name);
  makeRoom(temporaryFor(link)); // a killed run may have left one
  await symlink(target, temporaryFor(link));
  takePlace(link);
}

async function versionsIn(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => []);
  return names.flatMap((name) => VERSION.exec(name)?.[1] ?? []).map(Number);
}

async function removeVersions(directory: string, numbers: number[]): Promise<void> {
  for (const number of numbers) await rm(join(directory, `v${number}`), { recursive: true, force: true });
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
