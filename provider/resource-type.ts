/** What the server needs to know of one resource type: the life of a resource, in plain values. */
export interface ResourceType {
  /**
   * Every problem of the inputs at once; unknown values (in a preview) are not problems. May normalise the inputs.
   *
   * @param olds as they were accepted last, undefined for a new resource.
   */
  check(inputs: Properties, olds?: Properties): Promise<Checked> | Checked;
  /**
   * What an update would have to do. Where looking costs next to nothing it looks at the world as well, not only at
   * the state: so an update mends drift without a refresh, which starts every plugin a second time.
   */
  diff(resource: Resource, inputs: Properties): Promise<Change> | Change;
  create(inputs: Properties): Promise<Resource>;
  /** The outputs of a new resource that are known before it is made; all others are not. Left out: none. */
  previewCreate?(inputs: Properties): Promise<Properties> | Properties;
  /** The resource as the world has it now, or undefined when it is gone. Left out: the state is the truth. */
  read?(resource: Resource): Promise<Resource | undefined> | Resource | undefined;
  /** Changes the resource in place. Left out: `diff` never asks for it, or there is nothing to do but remember. */
  update?(resource: Resource, inputs: Properties): Promise<Properties>;
  /** The outputs of an update that are known before it; all others are not. Left out: none. */
  previewUpdate?(resource: Resource, inputs: Properties): Promise<Properties> | Properties;
  /** Removes it. Must not fail when it is gone. Left out: it lives in the state only. */
  delete?(resource: Resource): Promise<void> | void;
}

/** A JSON object, as the engine sends it. */
export type Properties = Record<string, unknown>;

/** A resource as the state knows it. */
export interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** Result of a check. */
export interface Checked {
  inputs: Properties;
  problems: Problem[];
}

/** One thing wrong with the inputs. */
export interface Problem {
  /** Path of the property, for example `dnsNames[1]`. */
  property: string;
  /** One sentence: what was got, what is allowed, the fix. */
  reason: string;
}

/** What an update would do: the paths of the properties that make it necessary. All empty: nothing. */
export interface Change {
  update: string[];
  replace: string[];
  /** Parts of a property that come, and that go: changed in place as well. Paths of inputs. */
  add?: string[];
  remove?: string[];
}

/** The engine's text for "not known before the update". */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** False for a value that only the update will know. */
export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}

/** Names of the properties that differ between two sets of inputs; unknown counts as different. */
export function changedProperties(olds: Properties, news: Properties): string[] {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...names].filter((name) => JSON.stringify(sorted(olds[name])) !== JSON.stringify(sorted(news[name])));
}

// Objects come back from the state with their keys in another order.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
