import type { Properties, ResourceType } from "./resource-type.ts";

/** A network of Docker by its name. One that was made anew under the name is another. */
export const dockerNetwork: ResourceType = {
  check: (inputs) => ({ inputs, problems: [] }),

  async diff({ id, inputs }, news) {
    const isSame = inputs.name === news.name && (await idOf(news).catch(() => id)) === id;
    return { update: [], replace: isSame ? [] : ["name"] };
  },

  async create(inputs) {
    return { id: await idOf(inputs), inputs, outputs: {} };
  },

  async read(resource) {
    const id = await idOf(resource.inputs).catch(() => undefined);
    return id === resource.id ? resource : undefined;
  },
};

async function idOf({ name }: Properties): Promise<string> {
  const { networkId } = await import("./docker.ts");
  return networkId(name as string);
}
