import { expect } from "@jest/globals";

import type { Change, Properties, Resource, ResourceType } from "../../provider/resource-type.ts";

/** What the engine sends for a value that only the update will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Checks inputs, in which nothing may be wrong, and creates the resource: a first update. */
export async function created(type: ResourceType, inputs: Properties): Promise<Resource> {
  return type.create(await checked(type, inputs));
}

/** What an update with other values for some inputs would do. */
export async function changed(type: ResourceType, resource: Resource, inputs: Properties): Promise<Change> {
  return type.diff(resource, await checked(type, { ...resource.inputs, ...inputs }));
}

/** Updates a resource in place, as the engine does when `diff` says so. */
export async function updated(type: ResourceType, resource: Resource, inputs: Properties = {}): Promise<Resource> {
  const news = await checked(type, { ...resource.inputs, ...inputs });
  return { id: resource.id, inputs: news, outputs: (await type.update?.(resource, news)) ?? resource.outputs };
}

async function checked(type: ResourceType, inputs: Properties): Promise<Properties> {
  const { inputs: normalised, problems } = await type.check(inputs);
  expect(problems).toEqual([]);
  return normalised;
}
