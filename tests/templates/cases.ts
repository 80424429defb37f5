import { readdirSync, readFileSync } from "node:fs";

import type { NginxConfView } from "../../components/nginx-conf.ts";

const folder = new URL("cases/", import.meta.url);

/** A view and the configuration it must give: `cases/<name>.json` and `cases/<name>.conf`. */
export interface Case {
  name: string;
  view: NginxConfView;
  expected: URL;
}

/** Every case in `cases/`. A new one needs its .json only: `UPDATE_GOLDEN=1` writes the .conf. */
export const CASES: Case[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({
    name: file.replace(".json", ""),
    view: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as NginxConfView,
    expected: new URL(file.replace(".json", ".conf"), folder),
  }));
