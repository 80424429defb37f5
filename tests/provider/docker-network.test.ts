import { afterEach, describe, expect, it } from "@jest/globals";
import Docker from "dockerode";

import { dockerNetwork } from "../../provider/docker-network.ts";
import { changed, created } from "./resources.ts";

const docker = new Docker();
const NAME = `mtls-lab-test-network-${process.pid}`;

/** Makes a network of this name, and returns its id. */
const make = async () => (await docker.createNetwork({ Name: NAME, Internal: true })).id;
const remove = () => docker.getNetwork(NAME).remove();

afterEach(() => remove().catch(() => undefined));

describe("DockerNetwork", () => {
  it("has Docker's id of a network that somebody made", async () => {
    const id = await make();
    const resource = await created(dockerNetwork, { name: NAME });

    expect(resource).toEqual({ id, inputs: { name: NAME }, outputs: {} });
    expect(await changed(dockerNetwork, resource, {})).toEqual({ update: [], replace: [] });
    expect(await dockerNetwork.read!(resource)).toEqual(resource);
  });

  it("is another where the network was made anew, and gone where there is none", async () => {
    await make();
    const resource = await created(dockerNetwork, { name: NAME });
    await remove();
    expect(await dockerNetwork.read!(resource)).toBeUndefined();
    await make();

    expect(await changed(dockerNetwork, resource, {})).toEqual({ update: [], replace: ["name"] });
    expect(await changed(dockerNetwork, resource, { name: "bridge" })).toEqual({ update: [], replace: ["name"] });
  });

  it("says in one sentence that there is none", async () => {
    await expect(created(dockerNetwork, { name: NAME })).rejects.toThrow(
      `'networks' has ${NAME}, which Docker does not know: make it with docker network create ${NAME}`,
    );
  });
});
