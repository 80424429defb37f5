import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it, jest } from "@jest/globals";

import { packageRoot } from "../../toolchain/package-root.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

interface Machine {
  links: string[];
  forwarding: string;
  files: string[];
  processes: number;
}

interface Life {
  before: Machine;
  during: Machine;
  after: Machine;
  stopped: boolean[];
}

/** Lets a real daemon live and end in namespaces of its own, so that this machine's network and daemon stay as they are. */
async function live(ending: string): Promise<Life> {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-"));
  const program = `${process.execPath} ${join(packageRoot, "tests/integration/dockerd-life.ts")}`;
  const bare =
    "ip link set lo up; echo 0 > /proc/sys/net/ipv4/ip_forward; mount -t tmpfs none /run; mount -t tmpfs none /opt";
  const command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c"];
  command.push(`${bare}; exec ${program} ${folder} "${ending}"`);
  if (process.getuid?.() !== 0) command.unshift("sudo", "--non-interactive");
  try {
    const { stdout } = await promisify(execFile)(command[0]!, command.slice(1));
    return JSON.parse(stdout) as Life;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the Docker daemon that set-up starts", () => {
  it.each(["stopped", "killed", "killed and started again"])(
    "leaves no process, interface, rule, mount or file when it is %s",
    async (ending) => {
      const { before, during, after, stopped } = await live(ending);

      expect(during.processes).toBeGreaterThanOrEqual(2);
      expect(during.links).toEqual(expect.arrayContaining(["docker0", expect.stringMatching(/^br-[0-9a-f]{12}$/)]));
      expect(during.forwarding).toBe("1");
      // The folder of the cache is not the daemon's own.
      expect(after).toEqual({ ...before, files: expect.arrayContaining(before.files) });
      expect(after.files.filter((file) => !before.files.includes(file))).toEqual([expect.stringMatching(/\/cache$/)]);
      expect(stopped).toEqual([true, false]);
    },
  );
});
