import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** What a Docker daemon changes in the machine's network and does not change back when it ends. */
export interface HostNetwork {
  /** Names of the network interfaces. */
  readonly links: string[];
  /** Whether packets are forwarded between interfaces, by kernel setting. */
  readonly forwarding: Record<string, string>;
  /** Policy of the FORWARD chain, by the program that sets it. */
  readonly policies: Record<string, string>;
}

const FORWARDING = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];
const FIREWALLS = ["iptables", "ip6tables"];
const DOCKER_CHAIN = /^DOCKER(-[A-Z0-9-]+)?$/;
const DOCKER_LINK = /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/;

/**
 * Takes down what a daemon is going to change. `undefined` where another daemon has its chains: what is Docker's then
 * is not only ours, and must stay.
 */
export function inspectNetwork(): HostNetwork | undefined {
  const rules = FIREWALLS.map((program) => [program, call(`${program}-save`)] as const);
  if (rules.some(([, saved]) => /^:DOCKER /m.test(saved))) return undefined;
  return {
    links: links(),
    forwarding: Object.fromEntries(FORWARDING.filter((path) => read(path) !== "").map((path) => [path, read(path)])),
    policies: Object.fromEntries(
      rules.map(([program, saved]) => [program, /^:FORWARD (\w+)/m.exec(saved)?.[1] ?? "ACCEPT"]),
    ),
  };
}

/**
 * Undoes what a daemon changed since `before` was taken. What was there before stays, and so does what others added.
 * Of the tables of iptables that the daemon was the first to use the empty built-in chains stay: nothing removes them.
 */
export function restoreNetwork(before: HostNetwork): void {
  for (const link of links()) {
    if (DOCKER_LINK.test(link) && !before.links.includes(link)) call("ip", ["link", "delete", link]);
  }
  for (const [program, forward] of Object.entries(before.policies)) {
    call(`${program}-restore`, ["--noflush"], withoutDocker(call(`${program}-save`), forward));
  }
  for (const [path, value] of Object.entries(before.forwarding)) {
    if (read(path) !== value) writeFileSync(path, value);
  }
}

/**
 * Turns the output of `iptables-save` into the input of `iptables-restore --noflush` that takes Docker's chains, and
 * the rules that lead to them or to its interfaces, away.
 *
 * @param forward policy of the FORWARD chain as it shall be: Docker sets it to DROP.
 */
export function withoutDocker(saved: string, forward: string): string {
  const undo: string[] = [];
  let chains: string[] = [];
  for (const line of saved.split("\n")) {
    const chain = /^:(\S+) /.exec(line)?.[1];
    if (line.startsWith("*")) undo.push(line);
    else if (chain === "FORWARD" && undo.at(-1) === "*filter") undo.push(`:FORWARD ${forward} [0:0]`);
    else if (chain !== undefined && DOCKER_CHAIN.test(chain)) chains.push(chain);
    else if (line.startsWith("-A ") && isDockers(line.split(" "))) undo.push(line.replace("-A", "-D"));
    else if (line === "COMMIT") {
      undo.push(...chains.map((name) => `-F ${name}`), ...chains.map((name) => `-X ${name}`), "COMMIT");
      chains = [];
    }
  }
  return `${undo.join("\n")}\n`;
}

function isDockers(rule: string[]): boolean {
  const option = (flag: string) => (rule.includes(flag) ? (rule[rule.indexOf(flag) + 1] ?? "") : "");
  if (DOCKER_CHAIN.test(option("-A"))) return false; // goes with its chain
  if (DOCKER_CHAIN.test(option("-j")) || DOCKER_LINK.test(option("-i")) || DOCKER_LINK.test(option("-o"))) return true;
  // A published port that the container itself reaches through the host: from its address to the same address.
  return option("-j") === "MASQUERADE" && option("-s") !== "" && option("-s") === option("-d");
}

function links(): string[] {
  return [...read("/proc/net/dev").matchAll(/^\s*(\S+):/gm)].map(([, name = ""]) => name);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

// These run in a few milliseconds. Where one is missing there is nothing of its kind to undo.
function call(program: string, args: string[] = [], input?: string): string {
  return spawnSync(program, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }).stdout ?? "";
}
