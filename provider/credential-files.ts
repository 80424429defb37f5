import { rmdir } from "node:fs/promises";
import { join } from "node:path";

import {
  type Digests,
  digestsAt,
  digestsOf,
  publicationProblems,
  type FileInput,
  makeDirectory,
  removeFile,
  sameDigests,
  writeFileAtomically,
} from "./files.ts";
import { isKnown, type Properties, type ResourceType } from "./resource-type.ts";

/** Inputs of `mtls:index:CredentialFiles`; `resources/credential-files.ts` documents them for users. */
interface Inputs {
  directory: string;
  files: Record<string, FileInput>;
}

/**
 * Files for people and programs, each replaced by itself. Other files in the directory are left alone. What is
 * missing, edited or readable for others is seen by a refresh and put right by the next update.
 */
export const credentialFiles: ResourceType = {
  check: (inputs) => ({ inputs, problems: publicationProblems(inputs) }),

  diff(resource, news) {
    const { directory, files } = inputsOf(news);
    if (directory !== resource.inputs.directory) return { update: [], replace: ["directory"] };
    const known = isKnown(files) && sameDigests(digestsOf(files), published(inputsOf(resource.inputs)));
    return { update: known ? [] : ["files"], replace: [] };
  },

  async create(inputs) {
    return { id: inputsOf(inputs).directory, inputs, outputs: await write(inputsOf(inputs)) };
  },

  read(resource) {
    return { ...resource, outputs: { published: published(inputsOf(resource.inputs)) } };
  },

  async update(resource, news) {
    const inputs = inputsOf(news);
    const outputs = await write(inputs);
    removeFiles(
      inputs.directory,
      Object.keys(inputsOf(resource.inputs).files).filter((path) => !(path in inputs.files)),
    );
    return outputs;
  },

  async delete(resource) {
    const { directory, files } = inputsOf(resource.inputs);
    removeFiles(directory, Object.keys(files));
    await rmdir(directory).catch(() => undefined); // not empty: somebody else's file is in it
  },
};

async function write({ directory, files }: Inputs): Promise<Properties> {
  makeDirectory(directory);
  for (const [path, file] of Object.entries(files)) await writeFileAtomically(join(directory, path), file);
  return { published: digestsOf(files) };
}

function published({ directory, files }: Inputs): Digests {
  return digestsAt(directory, Object.keys(files));
}

function removeFiles(directory: string, paths: string[]): void {
  for (const path of paths) removeFile(join(directory, path));
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
