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
 * @returns the stack as its file declares it now.
 * @throws {Failure} with exit code 2, and changes nothing, where the new configuration is wrong.
 */
export async function changeMap(stack: Stack, key: MapKey, entries: Entries): Promise<Stack> {
  const file = join(packageRoot, `Pulumi.${stack.name}.yaml`);
  const text = withEntries(await readFile(file, "utf8"), key, entries);
  const changed = await checkedStack(stack.name, parse(text) as { config?: Record<string, unknown> });
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
  return changed;
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
  if (isMap(config)) config.flow = config.items.length === 0;
  return document.toString({ lineWidth: 0 });
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
