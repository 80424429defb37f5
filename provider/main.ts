/** The plugin process: serves the `mtls` package to the Pulumi engine that started it. */
import { serve } from "./server.ts";
import { resourceTypes } from "./resource-types.ts";

const CHECK_PARENT_MS = 1000;

// An engine that is killed cannot stop its plugins: without this they would outlive it.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(0);
}, CHECK_PARENT_MS).unref();

// The engine ends a plugin by this signal. Only a process that exits by itself keeps its compiled code for the next start.
process.on("SIGINT", () => process.exit());

// The engine reads the port from the first line of standard output.
console.log(await serve(resourceTypes));
