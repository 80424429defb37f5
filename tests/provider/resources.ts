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
  return type.diff(resource, await checked(type, { ...resource.inputs, ...inputs }, resource.inputs));
}

/** Updates a resource in place, as the engine does when `diff` says so. */
export async function updated(type: ResourceType, resource: Resource, inputs: Properties = {}): Promise<Resource> {
  const news = await checked(type, { ...resource.inputs, ...inputs }, resource.inputs);
  return { id: resource.id, inputs: news, outputs: (await type.update?.(resource, news)) ?? resource.outputs };
}

async function checked(type: ResourceType, inputs: Properties, olds?: Properties): Promise<Properties> {
  // As they come over the wire: what is undefined is not there.
  const given = JSON.parse(JSON.stringify(inputs)) as Properties;
  const { inputs: normalised, problems } = await type.check(given, olds);
  expect(problems).toEqual([]);
  return normalised;
}
