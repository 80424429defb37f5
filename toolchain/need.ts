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
  /** @throws where it cannot satisfy the need: a `Failure` if no later source may be tried, else any other error. */
  obtain(report: Report): T | Promise<T>;
}

/** Something that the machine must have for the lab, and where it can come from: the cheapest source first. */
export interface Need<T> {
  readonly name: string;
  readonly sources: readonly Source<T>[];
  /** What the user can do where no source has it. */
  readonly advice: string;
}

/** What satisfied a need. */
export interface Obtained<T> {
  readonly value: T;
  /** Name of the source. */
  readonly source: string;
}

/**
 * Asks only the sources that cost nothing.
 *
 * @throws where there is work to do, with the reasons.
 */
export function lookUp<T>({ sources }: Need<T>): Promise<Obtained<T>> {
  return firstOf(
    sources.filter(({ free }) => free),
    () => {},
  );
}

/**
 * Satisfies a need from the first source that can.
 *
 * @throws {Failure} that names every source tried and what it said.
 */
export async function obtain<T>({ name, sources, advice }: Need<T>, report: Report): Promise<Obtained<T>> {
  return firstOf(sources, report).catch((error: unknown) => {
    throw error instanceof Failure ? error : new Failure(`cannot get ${name}: ${causeOf(error)}; ${advice}`);
  });
}

async function firstOf<T>(sources: readonly Source<T>[], report: Report): Promise<Obtained<T>> {
  const tried: string[] = [];
  for (const source of sources) {
    try {
      return { value: await source.obtain(report), source: source.name };
    } catch (error) {
      if (error instanceof Failure) throw error;
      tried.push(`${source.name} (${causeOf(error)})`);
    }
  }
  throw new Error(`tried ${tried.join(", ")}`);
}
