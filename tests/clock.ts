import { afterEach, jest } from "@jest/globals";

afterEach(() => {
  jest.useRealTimers();
});

/** Sets the clock of this process until the end of the test. Timers go on by the real one. */
export function setClock(now: Date | string): void {
  jest.useFakeTimers({
    now: new Date(now),
    // All but Date.
    doNotFake: [
      "cancelAnimationFrame",
      "cancelIdleCallback",
      "clearImmediate",
      "clearInterval",
      "clearTimeout",
      "hrtime",
      "nextTick",
      "performance",
      "queueMicrotask",
      "requestAnimationFrame",
      "requestIdleCallback",
      "setImmediate",
      "setInterval",
      "setTimeout",
    ],
  });
}
