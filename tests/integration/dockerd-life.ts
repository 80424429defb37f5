// The life of a daemon that set-up starts, as a program: what the machine was like before, how often the daemon
// answered, and what the machine is like after. It runs in a network and a mount namespace of its own, see
// dockerd.test.ts. Prints one line of JSON.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { dockerClient } from "../../toolchain/docker-host.ts";
import { runningDockerd, startDockerd, stopDockerd } from "../../toolchain/dockerd.ts";
import { argumentsOf, pids } from "../../toolchain/process-identity.ts";

const [folder = "", ending] = process.argv.slice(2);
const cache = join(folder, "cache");
const socket = join(folder, "docker.sock");
const host = { address: `unix://${socket}`, chosen: true };
const start = () => startDockerd({ cache, socket }, () => {});

// Rules of the user's own, which must survive.
execFileSync("iptables", ["-A", "FORWARD", "-i", "lo", "-j", "ACCEPT"]);
execFileSync("iptables", ["-t", "nat", "-A", "POSTROUTING", "-s", "10.9.0.0/16", "-j", "MASQUERADE"]);
const before = machine();

await start();
const docker = await dockerClient(host);
await docker.createNetwork({ Name: "lab" });
const during = machine();
if (ending === "killed" || ending === "killed and started again") {
  process.kill(runningDockerd(cache) ?? 0, "SIGKILL");
  while (runningDockerd(cache) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
}
if (ending === "killed and started again") await start();
const stopped = [await stopDockerd(cache), await stopDockerd(cache)];

console.log(JSON.stringify({ before, during, after: machine(), stopped }));

function machine() {
  const rules = execFileSync("iptables-save", { encoding: "utf8" }).split("\n");
  return {
    rules: rules.filter((line) => !line.startsWith("#")).map((line) => line.replace(/ \[.*/, "")),
    links: [...readFileSync("/proc/net/dev", "utf8").matchAll(/^\s*(\S+):/gm)].map(([, name]) => name),
    forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim(),
    mounts: readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(folder)),
    files: [folder, "/run", "/opt"].flatMap((each) => readdirSync(each).map((name) => join(each, name))),
    processes: pids().filter((pid) => argumentsOf(pid).some((argument) => argument.startsWith(cache))).length,
  };
}
