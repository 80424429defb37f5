import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { renderNginxConf } from "../../components/nginx-conf.ts";
import { CASES } from "./cases.ts";

// What nginx makes of these files: tests/integration/nginx-conf.test.ts.
describe("nginx.conf.mustache", () => {
  it.each(CASES)("gives cases/$name.conf", ({ view, expected }) => {
    const rendered = renderNginxConf(view);
    if (process.env.UPDATE_GOLDEN) writeFileSync(expected, rendered);

    expect(rendered).toBe(readFileSync(expected, "utf8"));
  });
});
