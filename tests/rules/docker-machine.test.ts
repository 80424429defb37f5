import { describe, expect, it } from "@jest/globals";

import { dockerMachine, isLoopback, publishedAddress } from "../../rules/docker-machine.ts";

describe("the machine of the Docker daemon", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["unix:///var/run/docker.sock", undefined],
    ["tcp://192.0.2.7:2376", "192.0.2.7"],
    ["tcp://docker.example", "docker.example"],
    ["tcp://[2001:db8::7]:2376", "2001:db8::7"],
    ["https://docker.example:2376", "docker.example"],
    ["ssh://docker.example", "docker.example"],
    ["ssh://root@docker.example:22", "docker.example"],
  ])("that DOCKER_HOST %j names is %j", (dockerHost, machine) => {
    expect(dockerMachine(dockerHost)).toBe(machine);
  });

  it.each([
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["0.0.0.0", undefined, "127.0.0.1"],
    ["::", undefined, "::1"],
    ["192.0.2.8", undefined, "192.0.2.8"],
    ["0.0.0.0", "192.0.2.7", "192.0.2.7"],
    ["::", "docker.example", "docker.example"],
    ["192.0.2.8", "192.0.2.7", "192.0.2.8"],
  ])("publishes what is bound to %s, on the machine %s, at %s", (bindAddress, machine, address) => {
    expect(publishedAddress(bindAddress, machine)).toBe(address);
  });

  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["::1", true],
    ["localhost", true],
    ["192.0.2.7", false],
    ["localhost.example", false],
  ])("is, as %s, this one: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
