import { join } from "node:path";

import { digestsAt, filesBelow, sameDigests } from "./files.ts";
import { changedProperties, type Properties, type ResourceType } from "./resource-type.ts";
import type { Volume } from "./site-volume.ts";

/** Inputs of `mtls:index:SiteUpload`; `resources/site-upload.ts` documents them for users. */
interface Inputs extends Volume {
  directory: string;
  version: string;
}

/** That a volume of the Docker daemon holds a published version of a site, and is switched to it. */
export const siteUpload: ResourceType = {
  check: (inputs) => ({ inputs, problems: [] }),

  async diff({ inputs, outputs }, news) {
    const changed = changedProperties(inputs, news);
    if (changed.length > 0) return { update: changed, replace: [] };
    const { directory, version, ...place } = inputsOf(news);
    const root = join(directory, version);
    const { inVolume } = await import("./site-volume.ts");
    const { version: uploaded, published } = await inVolume(place);
    const isThere = uploaded === outputs.uploaded && sameDigests(published, digestsAt(root, await filesBelow(root)));
    return { update: isThere ? [] : ["version"], replace: [] };
  },

  async create(inputs) {
    return { id: inputsOf(inputs).volume, inputs, outputs: await uploadVersion(inputsOf(inputs)) };
  },

  async read(resource) {
    const { inVolume } = await import("./site-volume.ts");
    return { ...resource, outputs: { uploaded: (await inVolume(inputsOf(resource.inputs))).version } };
  },

  update: (_, news) => uploadVersion(inputsOf(news)),

  async delete({ inputs }) {
    const { removeHelper } = await import("./site-volume.ts");
    await removeHelper(inputsOf(inputs).volume); // the volume itself is another resource
  },
};

async function uploadVersion({ directory, version, ...place }: Inputs): Promise<Properties> {
  const { upload } = await import("./site-volume.ts");
  return { uploaded: await upload(place, directory, version) };
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
