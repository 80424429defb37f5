import type { Report } from "./run.ts";

/** A piece of work, as a line of progress. */
export interface Step {
  readonly title: string;
  /** Whether there is nothing to do. */
  readonly check: () => Promise<boolean>;
  /** Does it, and returns how. */
  readonly work: (report: Report) => Promise<string>;
}

/** Works steps off, one after the other, and shows each with the time that it takes. */
export async function workOff(steps: readonly Step[], output: NodeJS.WriteStream): Promise<void> {
  await (output.isTTY ? onTerminal(steps, output) : asLines(steps, output));
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

/** For logs: a line when a step begins, a line when it ends. */
async function asLines(steps: readonly Step[], output: NodeJS.WriteStream): Promise<void> {
  for (const { title, check, work } of steps) {
    if (await check()) {
      output.write(`${title}: already there\n`);
      continue;
    }
    output.write(`${title} ...\n`);
    const start = performance.now();
    const how = await work(() => {});
    output.write(`${title}: ${how} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  }
}
