import type { Expected } from "./probe.ts";
import { changedProperties, type Properties, type ResourceType } from "./resource-type.ts";
import { servedAs, servedNow } from "./served.ts";

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
    return { update: changedProperties(servedAs(inputsOf(news)), await servedNow(inputsOf(news))), replace: [] };
  },

  async create(properties) {
    const inputs = inputsOf(properties);
    const { untilServed } = await import("./nginx-reload.ts");
    await untilServed(inputs.containerId, inputs);
    return { id: inputs.containerId, inputs: properties, outputs: servedAs(inputs) };
  },

  async read(resource) {
    return { ...resource, outputs: await servedNow(inputsOf(resource.inputs)) };
  },

  async update(resource, properties) {
    const inputs = inputsOf(properties);
    const { reload, untilServed } = await import("./nginx-reload.ts");
    if (inputs.containerId === resource.inputs.containerId) await reload(inputs.containerId, inputs);
    await untilServed(inputs.containerId, inputs);
    return servedAs(inputs);
  },
};

function inputsOf(properties: Properties): Inputs {
  return properties as unknown as Inputs;
}
