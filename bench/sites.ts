/** One program with a site on each of many Docker daemons: what each further machine costs. All daemons are this machine's. */
import { statSync } from "node:fs";

import { parse, stringify } from "yaml";

import { freePorts } from "../tests/checkout.ts";
import { ExampleProgram } from "../tests/example-program.ts";
import { dockerHost } from "../toolchain/docker-host.ts";
import { type Memory, peakMemory } from "./memory.ts";
import { cell, play, type Report, type Seconds, type Side, summary, table } from "./side.ts";

const OPERATIONS = ["up", "unchanged up", "down"] as const;
type Operation = (typeof OPERATIONS)[number];

/** What was measured with one number of sites. */
interface Measured {
  sites: number;
  seconds: Seconds<Operation>;
  /** Peak of every process of an up. */
  memory: Memory;
  /** Size of the engine's state, in kB of 1000 octets. */
  stateKilobytes: number;
}

/** @param sites numbers of sites, each at least 1. */
export async function sites({ rounds, sites: counts }: { rounds: number; sites: number[] }): Promise<Report> {
  const program = new ExampleProgram("remote-docker/sites.ts");
  try {
    await program.open();
    const measured: Measured[] = [];
    for (const count of counts) {
      await declare(program, count);
      const { every } = await peakMemory(program.folder, async () => void (await program.up()));
      measured.push({ sites: count, seconds: {}, memory: every, stateKilobytes: stateOf(program) });
      await program.succeed("destroy", "--yes", "--skip-preview");
    }
    for (let turn = 1; turn <= rounds; turn++) {
      for (const { sites: count, seconds } of measured) {
        process.stderr.write(`round ${turn} of ${rounds}, ${count} sites\n`);
        await play(side(program, count), OPERATIONS, seconds);
      }
    }
    return report(rounds, measured);
  } finally {
    await program.remove();
  }
}

/** Writes as many hosts into the program's settings. */
async function declare(program: ExampleProgram, count: number): Promise<void> {
  const ports = await freePorts(2 * count);
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `web${index + 1}`,
    dockerHost: dockerHost().address,
    address: "127.0.0.1",
    httpPort: ports[2 * index],
    httpsPort: ports[2 * index + 1],
  }));
  const project = parse(program.read("Pulumi.yaml")) as object;
  const config = { hosts: { type: "array", items: { type: "object" }, default: hosts } };
  program.write("Pulumi.yaml", stringify({ ...project, config }));
}

function side(program: ExampleProgram, count: number): Side<Operation> {
  return {
    name: `${count} sites`,
    prepare: () => declare(program, count),
    operations: {
      up: async () => void (await program.up()),
      "unchanged up": async () => void (await program.up("--expect-no-changes")),
      down: async () => void (await program.succeed("destroy", "--yes", "--skip-preview")),
    },
    close: () => undefined,
  };
}

function stateOf(program: ExampleProgram): number {
  return Math.round(statSync(program.stateFile).size / 1000);
}

function report(rounds: number, measured: Measured[]): Report {
  const found = measured.map(({ seconds, ...rest }) => ({
    ...rest,
    seconds: Object.fromEntries(OPERATIONS.map((operation) => [operation, summary(seconds[operation] ?? [])])),
  }));
  const rows = found.map(({ sites: count, seconds, memory, stateKilobytes }) => [
    `${count}`,
    ...OPERATIONS.map((operation) => cell(seconds[operation])),
    `${memory.pss} (${memory.rss})`,
    `${stateKilobytes}`,
  ]);
  const markdown = [
    `Seconds, median (least-most) of ${rounds} rounds. Each site has a certificate, a volume, a container, and two providers of its own. Memory: peak of an`,
    "up in MB, of the engine, the program and all plugins, what they share counted once (twice). State in kB.",
    "",
    ...table(["sites", ...OPERATIONS, "memory", "state"], rows),
  ];
  return { json: { rounds, found }, markdown: markdown.join("\n") };
}
