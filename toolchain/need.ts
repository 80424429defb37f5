import { causeOf, Failure } from "./failure.ts";
import type { Report } from "./run.ts";

/** One place that a need can be satisfied from. */
export interface Source<T> {
  /** As it appears in messages, for example `"official download"`. */
  readonly name: string;
  /**
   * Whether asking it takes milliseconds and changes nothing, so that every verb may ask it first.
   *
   * @default false
   */
  readonly free?: boolean;
  /** @throws where it cannot satisfy the need: a `Failure` if no later source can either, any other error if one might. */
  obtain(report: Report): Promise<T>;
}

/** Something that the machine must have for the lab, and where it can come from: the cheapest source first. */
export interface Need<T> {
  readonly name: string;
  readonly sources: readonly Source<T>[];
}

/** What satisfied a need. */
export interface Obtained<T> {
  readonly value: T;
  /** Name of the source. */
  readonly source: string;
}

/** Asks only the sources that cost nothing. Returns `undefined` where there is work to do. */
export async function lookUp<T>(need: Need<T>): Promise<Obtained<T> | undefined> {
  for (const source of need.sources.filter(({ free }) => free)) {
    const value = await source.obtain(() => {}).catch(() => undefined);
    if (value !== undefined) return { value, source: source.name };
  }
  return undefined;
}

/**
 * Satisfies a need from the first source that can.
 *
 * @throws {Failure} that names every source tried and what it said.
 */
export async function obtain<T>(need: Need<T>, report: Report): Promise<Obtained<T>> {
  const tried: string[] = [];
  for (const source of need.sources) {
    try {
      return { value: await source.obtain(report), source: source.name };
    } catch (error) {
      if (error instanceof Failure) throw error;
      tried.push(`${source.name} (${causeOf(error)})`);
    }
  }
  throw new Failure(`cannot get ${need.name}: tried ${tried.join(", ")}`);
}
