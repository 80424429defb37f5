import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap, type Node, parseDocument, Scalar, visit } from "yaml";

import { packageRoot } from "../toolchain/package-root.ts";
import { checkedStack, PROJECT, type Stack } from "./stack.ts";

/** Configuration keys that are maps from names. */
export type MapKey = "revoked" | "renewed";

/**
 * Changes entries of a map in the stack's file; comments and everything else in it stay. An entry that is undefined is
 * removed, and a map without entries too.
 *
 * @returns the stack as its file declares it now.
 * @throws {Failure} with exit code 2, and changes nothing, where the new configuration is wrong.
 */
export async function changeMap(
  stack: Stack,
  key: MapKey,
  entries: Record<string, string | undefined>,
): Promise<Stack> {
  const file = join(packageRoot, `Pulumi.${stack.name}.yaml`);
  const document = parseDocument(await readFile(file, "utf8"));
  const values = Object.fromEntries(
    Object.entries({ ...stack.config[key], ...entries }).filter(([, value]) => value !== undefined),
  );
  if (!isMap(document.get("config"))) document.set("config", document.createNode({})); // nothing stands below it
  const path = ["config", `${PROJECT}:${key}`];
  if (Object.keys(values).length > 0) document.setIn(path, quoted(document.createNode(values, { flow: true })));
  else document.deleteIn(path);
  const config = document.get("config");
  if (isMap(config)) config.flow = config.items.length === 0;

  const changed = await checkedStack(stack.name, document.toJS() as { config?: Record<string, unknown> });
  await writeFile(`${file}.tmp`, document.toString({ lineWidth: 0 }));
  await rename(`${file}.tmp`, file);
  return changed;
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
