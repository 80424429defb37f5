/** A whole PKI with few and with many clients: the lab against a shell script with openssl that does the same. */
import { labProgram } from "./lab-program.ts";
import { type PeakMemory, peakMemory } from "./memory.ts";
import { copySite, type ShellScript, shellScript } from "./shell-script.ts";
import { cell, play, type Report, round, type Seconds, type Side, type Summary, summary, table } from "./side.ts";

/** The operations in the order in which a round does them. */
const OPERATIONS = ["up", "unchanged up", "one client added", "down"] as const;
type Operation = (typeof OPERATIONS)[number];
type Lab = Awaited<ReturnType<typeof labProgram>>;

/** What was measured with one number of clients. */
interface Measured {
  clients: number;
  lab: Seconds<Operation>;
  shell: Seconds<Operation>;
  memory: PeakMemory;
}

/**
 * Measures alternating rounds for each number of clients.
 *
 * @param clients numbers of clients, each at least 2.
 */
export async function pki(options: { rounds: number; clients: number[]; env: NodeJS.ProcessEnv }): Promise<Report> {
  const { rounds, clients, env } = options;
  const lab = await labProgram("bench", env);
  let shell: ShellScript | undefined;
  try {
    // Fills everybody's caches, and gives the script its site.
    const few = labSide(lab, Math.min(...clients));
    await few.prepare();
    await lab.operations.up();
    shell = await shellScript(copySite(lab.checkout));
    await lab.operations.down();

    const measured: Measured[] = [];
    for (const count of clients) {
      await labSide(lab, count).prepare();
      const memory = await peakMemory(lab.checkout.root, lab.operations.up);
      await lab.operations.down();
      measured.push({ clients: count, lab: {}, shell: {}, memory });
    }
    for (let turn = 1; turn <= rounds; turn++) {
      for (const { clients: count, lab: ours, shell: theirs } of measured) {
        process.stderr.write(`round ${turn} of ${rounds}, ${count} clients\n`);
        await play(labSide(lab, count), OPERATIONS, ours);
        await play(shellSide(shell, count), OPERATIONS, theirs);
      }
    }
    return report(rounds, measured);
  } finally {
    await lab.close();
    await shell?.close();
  }
}

function labSide({ configure, prepare, operations, close }: Lab, count: number): Side<Operation> {
  const configured = (more: string[]) => {
    const [first, ...fleet] = names(count);
    configure({ clients: [first], fleet: [...fleet, ...more] });
  };
  return {
    name: "lab",
    async prepare() {
      configured([]);
      await prepare();
    },
    operations: {
      ...operations,
      "one client added": () => {
        configured(["one-more"]);
        return operations.up();
      },
    },
    close,
  };
}

function shellSide({ up, addClient, down, close }: ShellScript, count: number): Side<Operation> {
  const operations = { up: () => up(names(count)), "one client added": () => addClient("one-more"), down };
  return { name: "shell script", prepare: () => undefined, operations, close };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `client-${index + 1}`);
}

function report(rounds: number, measured: Measured[]): Report {
  const found = measured.map(({ clients, lab, shell, memory }) => {
    const seconds = { lab: summaries(lab), shell: summaries(shell) };
    const labToShell = round(seconds.lab.up!.median / seconds.shell.up!.median);
    return { clients, seconds, labToShell, peakMemory: memory };
  });
  const rows = found.flatMap(({ clients, seconds: { lab, shell } }) =>
    OPERATIONS.map((operation) => [
      `${clients}`,
      operation,
      cell(lab[operation]),
      cell(shell[operation]),
      ratio(lab[operation], shell[operation]),
    ]),
  );
  const costs = {
    lab: msPerClient(found.map(({ clients, seconds }) => [clients, seconds.lab.up!.median])),
    shell: msPerClient(found.map(({ clients, seconds }) => [clients, seconds.shell.up!.median])),
  };
  const sums = found.map(({ clients, peakMemory: { both } }, index) => [
    `${clients}`,
    ...[costs.lab[index]!, costs.shell[index]!].flatMap(({ each, further }) => [`${each}`, `${further ?? "-"}`]),
    `${both.pss} (${both.rss})`,
  ]);
  const markdown = [
    `Seconds, median (least-most) of ${rounds} alternating rounds. Each up makes a root, an intermediate, a server, an nginx in a`,
    "container, and for every client a key, a certificate, a PKCS#12 file and a password.",
    "",
    ...table(["clients", "operation", "lab", "shell script", "lab / shell script"], rows),
    "",
    "Milliseconds of an up for each client, and for each that it has more than the one before. Peak memory of program and",
    "provider in MB: what they share counted once (twice).",
    "",
    ...table(["clients", "lab: each", "each further", "shell script: each", "each further", "memory"], sums),
  ];
  return { json: { rounds, found, msPerClient: costs }, markdown: markdown.join("\n") };
}

/** What a client costs: on the average, and each that an up has more than the one before it. */
function msPerClient(ups: [clients: number, seconds: number][]): { each: number; further?: number }[] {
  return ups.map(([clients, seconds], index) => {
    const each = Math.round((seconds / clients) * 1000);
    if (index === 0) return { each };
    const [fewer, before] = ups[index - 1]!;
    return { each, further: Math.round(((seconds - before) / (clients - fewer)) * 1000) };
  });
}

function summaries(seconds: Seconds<Operation>): Partial<Record<Operation, Summary>> {
  return Object.fromEntries(Object.entries(seconds).map(([operation, values]) => [operation, summary(values)]));
}

function ratio(ours: Summary | undefined, theirs: Summary | undefined): string {
  return ours && theirs ? (ours.median / theirs.median).toFixed(2) : "-";
}
