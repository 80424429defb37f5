import type { PublishMode } from "../rules/swarm.ts";
import type { Expected } from "./probe.ts";
import { changedProperties, type Properties, type ResourceType } from "./resource-type.ts";
import { servedAs } from "./served.ts";

/** Inputs of `mtls:index:SiteRollout`; `resources/site-rollout.ts` documents them for users. */
export interface Rollout extends Expected {
  serviceId: string;
  revision: string;
  replicas: number;
  publishMode: PublishMode;
}

/** That a swarm runs the declared revision of a site, and clients find it. The swarm itself does the work: here it is waited for. */
export const siteRollout: ResourceType = {
  check: (inputs) => ({ inputs, problems: [] }),

  async diff(resource, news) {
    const changed = changedProperties(resource.inputs, news);
    if (changed.length > 0) return { update: changed, replace: [] };
    const { servedEverywhere } = await import("./rollout.ts");
    return {
      update: changedProperties(servedAs(rolloutOf(news)), await servedEverywhere(rolloutOf(news))),
      replace: [],
    };
  },

  async create(inputs) {
    return { id: rolloutOf(inputs).serviceId, inputs, outputs: await rolledOut(inputs) };
  },

  async read(resource) {
    const { servedEverywhere } = await import("./rollout.ts");
    return { ...resource, outputs: await servedEverywhere(rolloutOf(resource.inputs)) };
  },

  update: (_, inputs) => rolledOut(inputs),
};

async function rolledOut(inputs: Properties): Promise<Properties> {
  const rollout = rolloutOf(inputs);
  const { untilRolledOut } = await import("./rollout.ts");
  await untilRolledOut(rollout);
  return servedAs(rollout);
}

function rolloutOf(properties: Properties): Rollout {
  return properties as unknown as Rollout;
}
