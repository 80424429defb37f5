import { existsSync, readFileSync } from "node:fs";

/** The text of a file below `templates/`, for example `readTemplate("nginx.conf.mustache")`. */
export function readTemplate(path: string): string {
  return readFileSync(new URL(path, templatesFolder()), "utf8");
}

// This file is in components/ in a checkout and in dist/components/ in the package; templates/ is at the root of both.
function templatesFolder(): URL {
  for (const steps of ["../", "../../"]) {
    const folder = new URL(`${steps}templates/`, import.meta.url);
    if (existsSync(new URL("nginx.conf.mustache", folder))) return folder;
  }
  throw new Error("the folder templates/ is not beside components/ or dist/: install the package again");
}
