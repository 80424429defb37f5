import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap, type Node, parse, parseDocument, Scalar, visit, type YAMLMap } from "yaml";

import { packageRoot } from "../toolchain/package-root.ts";
import { checkedStack, PROJECT, type Stack } from "./stack.ts";

/** Configuration keys that are maps from names. */
export type MapKey = "revoked" | "renewed";

/** Entries of a map; those that are undefined are to go. */
type Entries = Record<string, string | undefined>;

/**
 * Changes entries of a map in the stack's file.
 *
 * @returns what puts the file back as it was.
 * @throws {Failure} with exit code 2, and changes nothing, where the new configuration is wrong.
 */
export async function changeMap(stack: Stack, key: MapKey, entries: Entries): Promise<() => Promise<void>> {
  const file = join(packageRoot, `Pulumi.${stack.name}.yaml`);
  const before = await readFile(file, "utf8");
  const text = withEntries(before, key, entries);
  await checkedStack(stack.name, parse(text) as Record<string, unknown>);
  await replaceFile(file, text);
  return () => replaceFile(file, before);
}

/** Changes entries for the time that some work needs; they stay if it succeeds. */
export async function withMap<T>(stack: Stack, key: MapKey, entries: Entries, work: () => Promise<T>): Promise<T> {
  const restore = await changeMap(stack, key, entries);
  try {
    return await work();
  } catch (error) {
    await restore();
    console.error(`Pulumi.${stack.name}.yaml is as it was before`);
    throw error;
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

/** The text of a stack's file with other entries in a map; a map without entries is left out, and all else stays. */
export function withEntries(text: string, key: MapKey, entries: Entries): string {
  const document = parseDocument(text);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({})); // nothing stands below it
  const path = ["config", `${PROJECT}:${key}`];
  const olds = (document.getIn(path) as YAMLMap | undefined)?.toJSON() as Entries | undefined;
  const values = Object.fromEntries(Object.entries({ ...olds, ...entries }).filter(([, value]) => value !== undefined));
  if (Object.keys(values).length > 0) document.setIn(path, quoted(document.createNode(values, { flow: true })));
  else document.deleteIn(path);
  const config = document.get("config");
  if (isMap(config) && config.items.length > 0) config.flow = false;
  else document.set("config", nothing());
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** `config:` with nothing after it, so that a line can be written below it. */
function nothing(): Scalar {
  const scalar = new Scalar(null);
  scalar.source = "";
  return scalar;
}

/** The engine's YAML takes a moment without quotes for something else than text. */
function quoted<T extends Node>(node: T): T {
  visit(node, {
    Scalar(key, scalar) {
      if (key === "value" && /^\d/.test(String(scalar.value))) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return node;
}
