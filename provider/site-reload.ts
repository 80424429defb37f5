import { probe, type Expected } from "./probe.ts";
import { changedProperties, type Properties, type ResourceType } from "./resource-type.ts";

/** Inputs of `mtls:index:SiteReload`; `resources/site-reload.ts` documents them for users. */
interface Inputs extends Expected {
  containerId: string;
  version: string;
}

/**
 * That the running nginx serves what was published. A new version in a container that stays is made current by
 * SIGHUP; a new container has read it when it started. Either way the update ends when clients see it.
 */
export const siteReload: ResourceType = {
  check: (inputs) => ({ inputs, problems: [] }),

  async diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    if (changed.length > 0) return { update: changed, replace: [] };
    const served = (await servedFingerprint(inputsOf(news))) === news.fingerprintSha256;
    return { update: served ? [] : ["servedFingerprint"], replace: [] };
  },

  async create(properties) {
    const inputs = inputsOf(properties);
    const { untilServed } = await import("./nginx-reload.ts");
    await untilServed(inputs.containerId, inputs);
    return { id: inputs.containerId, inputs: properties, outputs: outputsFor(inputs) };
  },

  async read(resource) {
    return { ...resource, outputs: { servedFingerprint: await servedFingerprint(inputsOf(resource.inputs)) } };
  },

  async update(resource, properties) {
    const inputs = inputsOf(properties);
    const { reload, untilServed } = await import("./nginx-reload.ts");
    if (inputs.containerId === resource.inputs.containerId) await reload(inputs.containerId, inputs);
    await untilServed(inputs.containerId, inputs);
    return outputsFor(inputs);
  },
};

async function servedFingerprint(expected: Expected): Promise<string> {
  const { fingerprintSha256 } = await probe(expected).catch(() => ({ fingerprintSha256: "" }));
  return fingerprintSha256;
}

function outputsFor({ fingerprintSha256 }: Inputs): Properties {
  return { servedFingerprint: fingerprintSha256 };
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
