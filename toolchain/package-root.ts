import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The folder of this package, whether it runs from its sources or as it is packed. */
export const packageRoot = (() => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
})();

/** Version of an npm package that this one depends on, for example `5.6.1`. */
export function versionOf(dependency: string): string {
  const { version } = createRequire(import.meta.url)(`${dependency}/package.json`) as { version: string };
  return version;
}

/** This package's own version. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)(join(packageRoot, "package.json")) as { version: string };
  return version;
}
