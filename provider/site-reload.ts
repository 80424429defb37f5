import { type Expected, type Found, probe } from "./probe.ts";
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
    return { update: changedProperties(outputsFor(inputsOf(news)), await servedNow(inputsOf(news))), replace: [] };
  },

  async create(properties) {
    const inputs = inputsOf(properties);
    const { untilServed } = await import("./nginx-reload.ts");
    await untilServed(inputs.containerId, inputs);
    return { id: inputs.containerId, inputs: properties, outputs: outputsFor(inputs) };
  },

  async read(resource) {
    return { ...resource, outputs: await servedNow(inputsOf(resource.inputs)) };
  },

  async update(resource, properties) {
    const inputs = inputsOf(properties);
    const { reload, untilServed } = await import("./nginx-reload.ts");
    if (inputs.containerId === resource.inputs.containerId) await reload(inputs.containerId, inputs);
    await untilServed(inputs.containerId, inputs);
    return outputsFor(inputs);
  },
};

/** The outputs as the world has them now; empty ones where nobody answers. */
async function servedNow(expected: Expected): Promise<Properties> {
  return outputs(await probe(expected).catch(() => ({ fingerprintSha256: "", status: 0 })));
}

/** The outputs as they must be. */
function outputsFor({ fingerprintSha256, statusWithoutCertificate: status }: Inputs): Properties {
  return outputs({ fingerprintSha256, status });
}

function outputs({ fingerprintSha256, status }: Found): Properties {
  return { servedFingerprint: fingerprintSha256, servedStatus: status };
}

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
