import type { Report } from "./run.ts";

/** A piece of work, as a line of progress. */
export interface Step {
  readonly title: string;
  /** Whether there is nothing to do. */
  readonly check: () => Promise<boolean>;
  /** Does it, and returns how. */
  readonly work: (report: Report) => Promise<string>;
}

/** A log should show that a step of minutes goes on, and not be filled by it. */
const PULSE_SECONDS = 30;

/**
 * Works steps off, one after the other, and shows each with the time that it takes.
 *
 * @param pulse in a log, the least seconds between two lines of what a step is doing just now.
 */
export async function workOff(
  steps: readonly Step[],
  output: NodeJS.WriteStream,
  pulse = PULSE_SECONDS,
): Promise<void> {
  await (output.isTTY ? onTerminal(steps, output) : asLines(steps, output, pulse));
}

async function onTerminal(steps: readonly Step[], output: NodeJS.WriteStream): Promise<void> {
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } = await import("listr2");
  const tasks = new Listr([], {
    renderer: "default",
    // The error is told once, at the end, by who called.
    rendererOptions: {
      timer: PRESET_TIMER,
      showErrorMessage: false,
      logger: new ListrLogger({ processOutput: new ProcessOutput(output, output) }),
    },
  });
  for (const { title, check, work } of steps) {
    tasks.add({
      title,
      task: async (_, task) => {
        if (await check()) return task.skip();
        const how = await work((text) => (task.output = text));
        task.title = `${title}: ${how}`;
      },
    });
  }
  await tasks.run();
}

/** For logs: a line when a step begins, one now and then while it goes on, and one when it ends. */
async function asLines(steps: readonly Step[], output: NodeJS.WriteStream, pulse: number): Promise<void> {
  for (const { title, check, work } of steps) {
    if (await check()) {
      output.write(`${title}: already there\n`);
      continue;
    }
    output.write(`${title} ...\n`);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    let last = 0;
    const how = await work((text) => {
      if (seconds() - last < pulse) return;
      last = seconds();
      output.write(`${title}: ${text} (${last.toFixed(0)} s)\n`);
    });
    output.write(`${title}: ${how} (${seconds().toFixed(1)} s)\n`);
  }
}
