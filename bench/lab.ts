/** The lab against an empty Pulumi program, its own verbs, and a shell script. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Checkout, freePorts } from "../tests/checkout.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { labProgram } from "./lab-program.ts";
import { type PeakMemory, peakMemory } from "./memory.ts";
import { copySite, shellScript } from "./shell-script.ts";
import {
  cell,
  play,
  program,
  type Report,
  round,
  type Seconds,
  type Side,
  type Summary,
  summary,
  table,
} from "./side.ts";

/** The operations in the order in which a round does them. */
const OPERATIONS = ["first up", "unchanged up", "preview", "one client more", "certificate renewed", "down"] as const;
type Operation = (typeof OPERATIONS)[number];

const EMPTY = "empty program";
const LAB = "lab";

/** Measures so many alternating rounds. */
export async function lab({ rounds, env }: { rounds: number; env: NodeJS.ProcessEnv }): Promise<Report> {
  const engine = await labProgram("bench", env);
  const sides = [emptyProgram(env), labSide(engine), await labVerbs()];
  try {
    // Gives the script its site, and shows the memory.
    await engine.prepare();
    const memory = await peakMemory(engine.checkout.root, engine.operations.up);
    sides.push(await shellSide(copySite(engine.checkout)));
    await engine.operations.down();

    for (const side of sides) await play(side, OPERATIONS, {}); // fills everybody's caches
    const seconds: Record<string, Seconds<Operation>> = Object.fromEntries(sides.map(({ name }) => [name, {}]));
    for (let turn = 1; turn <= rounds; turn++) {
      process.stderr.write(`round ${turn} of ${rounds}\n`);
      for (const side of sides) await play(side, OPERATIONS, seconds[side.name]!);
    }
    return report(rounds, seconds, memory);
  } finally {
    for (const side of sides) await side.close();
  }
}

/** The floor: a program that declares nothing. */
function emptyProgram(env: NodeJS.ProcessEnv): Side<Operation> {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-empty-"));
  cpSync(join(packageRoot, "bench", "empty"), folder, { recursive: true });
  symlinkSync(join(packageRoot, "node_modules"), join(folder, "node_modules"));
  const { prepare, operations } = program(folder, join(folder, "state"), "bench", env);
  const { up, ...others } = operations;
  const close = () => rmSync(folder, { recursive: true, force: true });
  return { name: EMPTY, prepare, operations: { "first up": up, ...others }, close };
}

function labSide({ configure, prepare, operations, close }: Awaited<ReturnType<typeof labProgram>>): Side<Operation> {
  const { up, ...others } = operations;
  const changed = (settings: object) => {
    configure(settings);
    return up();
  };
  return {
    name: LAB,
    async prepare() {
      configure({});
      await prepare();
    },
    operations: { "first up": up, ...others, ...changes(changed) },
    close,
  };
}

/** The lab by its verbs: with the checks of set-up, and what a user waits for in all. */
async function labVerbs(): Promise<Side<Operation>> {
  const checkout = new Checkout("verbs");
  const [httpPort, httpsPort] = await freePorts(2);
  const configure = (settings: object) => checkout.configure({ httpPort, httpsPort, ...settings });
  const verb = async (name: string, settings: object = {}) => {
    configure(settings);
    const { status, stdout, stderr } = await checkout.lab(name);
    if (status !== 0) throw new Error(`${name}: ${stdout}${stderr}`);
  };
  return {
    name: "npm run",
    prepare: () => configure({}),
    operations: {
      "first up": () => verb("up"),
      "unchanged up": () => verb("up"),
      preview: () => verb("preview"),
      ...changes((settings) => verb("up", settings)),
      down: () => verb("down"),
    },
    close: () => checkout.remove(),
  };
}

/** The operations that are an `up` with other settings. */
function changes(up: (settings: object) => Promise<void>) {
  const clients = ["alice", "bob", "carol"];
  return {
    "one client more": () => up({ clients }),
    "certificate renewed": () => up({ clients, serverValidityHours: 8000 }),
  };
}

async function shellSide(site: string): Promise<Side<Operation>> {
  const { up, addClient, renewServer, down, close } = await shellScript(site);
  const operations = {
    "first up": () => up(["alice", "bob"]),
    "one client more": () => addClient("carol"),
    "certificate renewed": renewServer,
    down,
  };
  return { name: "shell script", prepare: () => undefined, operations, close };
}

function report(rounds: number, measured: Record<string, Seconds<Operation>>, memory: PeakMemory): Report {
  const seconds: Record<string, Partial<Record<Operation, Summary>>> = Object.fromEntries(
    Object.entries(measured).map(([side, operations]) => [
      side,
      Object.fromEntries(Object.entries(operations).map(([operation, values]) => [operation, summary(values)])),
    ]),
  );
  const ratios: Partial<Record<Operation, number>> = Object.fromEntries(
    OPERATIONS.flatMap((operation) => {
      const [ours, floor] = [seconds[LAB]?.[operation], seconds[EMPTY]?.[operation]];
      return ours && floor ? [[operation, round(ours.median / floor.median)]] : [];
    }),
  );
  const sides = Object.keys(seconds);
  const rows = OPERATIONS.map((operation) => [
    operation,
    ...sides.map((side) => cell(seconds[side]?.[operation])),
    ratios[operation]?.toFixed(2) ?? "-",
  ]);
  const markdown = [
    `Seconds, median (least-most) of ${rounds} alternating rounds.`,
    "",
    ...table(["operation", ...sides, `${LAB} / ${EMPTY}`], rows),
    "",
    `Peak memory of a first up in MB, resident (proportional): ${Object.entries(memory)
      .map(([name, { rss, pss }]) => `${name} ${rss} (${pss})`)
      .join(", ")}.`,
  ];
  return { json: { rounds, seconds, ratios, peakMemory: memory }, markdown: markdown.join("\n") };
}
