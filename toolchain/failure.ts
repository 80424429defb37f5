import { isNativeError } from "node:util/types";

/** An end that the user can mend. Its message is one sentence: what was got, what is allowed, the fix. */
export class Failure extends Error {
  /** 1: a check or the deployment failed. 2: wrong usage or configuration. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** The first line of what went wrong: enough for a sentence that names it as the cause. */
export function causeOf(error: unknown): string {
  // An error that stands for several, as of a name with several addresses, has no message but a code.
  const text = isNativeError(error) ? error.message || (error as NodeJS.ErrnoException).code : String(error);
  return text?.trim().split("\n", 1)[0] ?? "";
}
