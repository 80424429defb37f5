import { describe, expect, it } from "@jest/globals";

import { revisionOf, runningTasks, siteAddresses, swarmData, type SwarmNode, type Task } from "../../rules/swarm.ts";

describe("a file of a site", () => {
  it("goes into a swarm as base64, up to 500 kB", () => {
    expect(swarmData("a", Buffer.from("text"))).toBe("dGV4dA==");
    expect(swarmData("a", Buffer.alloc(512_000))).toHaveLength(682_668);
    expect(() => swarmData("client-ca.crl", Buffer.alloc(512_001))).toThrow(
      /^client-ca\.crl has 512001 octets, and a swarm takes at most 512000 in a file: make it shorter, or choose target container$/,
    );
  });
});

const task = (NodeID: string, DesiredState: string, State: string): Task => ({
  ID: `${NodeID}-task`,
  NodeID,
  DesiredState,
  Spec: { ContainerSpec: { Image: "nginx", Env: ["TZ=UTC", "MTLS_LAB_REVISION=abc"] } },
  Status: { Timestamp: "", State },
});
const tasks = [
  task("a", "running", "running"),
  task("b", "shutdown", "running"),
  task("c", "running", "starting"),
  task("d", "running", "running"),
  task("e", "running", "running"),
];
const node = (ID: string, Addr: string, manager?: string): SwarmNode => ({
  ID,
  Status: { State: "ready", Addr },
  ...(manager ? { ManagerStatus: { Addr: manager } } : {}),
});
const nodes = [
  node("a", "0.0.0.0", "192.0.2.1:2377"),
  node("b", "192.0.2.2"),
  node("c", "192.0.2.3"),
  node("d", "192.0.2.4"),
  node("e", "0.0.0.0", "[2001:db8::5]:2377"),
];
const asked = { nodeId: "a", address: "127.0.0.1" };

describe("the tasks of a site", () => {
  it("run if they are to run and do", () => {
    expect(runningTasks(tasks).map(({ NodeID }) => NodeID)).toEqual(["a", "d", "e"]);
  });

  it("say what they were made of", () => {
    expect(revisionOf(tasks[0]!.Spec)).toBe("abc");
    expect(revisionOf({ ContainerSpec: { Image: "nginx" } })).toBeUndefined();
  });

  it("are reached through the daemon's node, or each through its own", () => {
    expect(siteAddresses("ingress", asked, tasks, nodes)).toEqual(["127.0.0.1"]);
    expect(siteAddresses("host", asked, tasks, nodes)).toEqual(["127.0.0.1", "192.0.2.4", "2001:db8::5"]);
  });
});
