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
    const measured: Measured[] = [];
    for (const count of clients) {
      // Fills everybody's caches, gives the script its site, and shows the memory.
      const side = labSide(lab, count);
      await side.prepare();
      const memory = await peakMemory(lab.checkout.root, lab.operations.up);
      shell ??= await shellScript(copySite(lab.checkout));
      await lab.operations.down();
      measured.push({ clients: count, lab: {}, shell: {}, memory });
    }
    for (let turn = 1; turn <= rounds; turn++) {
      for (const { clients: count, lab: ours, shell: theirs } of measured) {
        process.stderr.write(`round ${turn} of ${rounds}, ${count} clients\n`);
        await play(labSide(lab, count), OPERATIONS, ours);
        await play(shellSide(shell!, count), OPERATIONS, theirs);
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
    return {
      clients,
      seconds,
      labToShell: round(seconds.lab.up!.median / seconds.shell.up!.median),
      msPerClient: {
        lab: Math.round((seconds.lab.up!.median / clients) * 1000),
        shell: Math.round((seconds.shell.up!.median / clients) * 1000),
      },
      peakMemory: memory,
    };
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
  const sums = found.map(({ clients, msPerClient: { lab, shell }, peakMemory: { both } }) => [
    `${clients}`,
    `${lab}`,
    `${shell}`,
    `${both.rss} (${both.pss})`,
  ]);
  const markdown = [
    `Seconds, median (least-most) of ${rounds} alternating rounds. Each up makes a root, an intermediate, a server, an nginx in a`,
    "container, and for every client a key, a certificate, a PKCS#12 file and a password.",
    "",
    ...table(["clients", "operation", "lab", "shell script", "lab / shell script"], rows),
    "",
    ...table(
      ["clients", "lab: ms a client", "shell script: ms a client", "program and provider: peak MB (proportional)"],
      sums,
    ),
  ];
  return { json: { rounds, found }, markdown: markdown.join("\n") };
}

function summaries(seconds: Seconds<Operation>): Partial<Record<Operation, Summary>> {
  return Object.fromEntries(Object.entries(seconds).map(([operation, values]) => [operation, summary(values)]));
}

function ratio(ours: Summary | undefined, theirs: Summary | undefined): string {
  return ours && theirs ? (ours.median / theirs.median).toFixed(2) : "-";
}
