/** openssl and docker in a shell script: what people type today. It keeps no state, so it has no unchanged up and no preview. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Checkout, freePorts, run } from "../tests/checkout.ts";
import { packageRoot } from "../toolchain/package-root.ts";
import { must } from "./side.ts";

/** The script, on ports and in a folder of its own. */
export interface ShellScript {
  up: (clients: string[]) => Promise<void>;
  addClient: (name: string) => Promise<void>;
  renewServer: () => Promise<void>;
  down: () => Promise<void>;
  close: () => Promise<void>;
}

/** @param site a folder with nginx.conf and pages; removed at the end. */
export async function shellScript(site: string): Promise<ShellScript> {
  const folder = join(mkdtempSync(join(tmpdir(), "mtls-lab-shell-")), "lab");
  const script = join(packageRoot, "bench", "shell-lab.sh");
  const container = `mtls-lab-shell-${process.pid}`;
  const [httpPort, httpsPort] = (await freePorts(2)).map(String) as [string, string];
  const shell = (...args: string[]) => must(script, args);
  return {
    up: (clients) => shell("up", folder, httpPort, httpsPort, container, site, ...clients),
    addClient: (name) => shell("client", folder, name),
    renewServer: () => shell("renew", folder, container),
    down: () => shell("down", folder, container),
    close: async () => {
      await run("docker", ["rm", "-f", container]);
      for (const made of [join(folder, ".."), site]) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** The nginx.conf and the pages that the lab rendered, for the script to use. */
export function copySite(checkout: Checkout): string {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-site-"));
  const current = join(checkout.root, ".lab", checkout.stack, "site", "current");
  cpSync(join(current, "nginx.conf"), join(folder, "nginx.conf"));
  cpSync(join(current, "pages"), join(folder, "pages"), { recursive: true });
  return folder;
}
