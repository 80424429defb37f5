/** The system's store, with the real update-ca-certificates and its hooks. The other stores: tests/cli/trust.test.ts. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { packageRoot } from "../../toolchain/package-root.ts";
import { sha256Of } from "../../toolchain/trust/certificate.ts";
import { Checkout } from "../checkout.ts";
import { authorities, identity } from "../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

/** What the program and its hooks write. */
const CHANGED = [
  "/etc/ssl/certs",
  "/usr/local/share/ca-certificates",
  "/var/lib/dpkg",
  "/var/lib/ca-certificates-java",
];
/** Debian's Java fills its store from the system's. */
const HOOK = "/etc/ca-certificates/update.d/jks-keystore";

interface Machine {
  anchors: string[];
  links: string[];
  bundle: string;
  java: string[];
  server: { folder: boolean; bundle: boolean };
}

interface Life {
  before: Machine;
  trusted: number;
  during: Machine;
  record: { store: string; entry: string }[];
  untrusted: number;
  after: Machine;
}

const lab = new Checkout(`it-system-${process.pid}`);
let sha256 = "";
beforeAll(async () => {
  lab.configure({ deploy: "none" });
  const { root, intermediate } = await authorities("Lab");
  const subject = { commonName: "lab.localhost" };
  const server = { subject, dnsNames: ["lab.localhost"], extendedKeyUsages: ["serverAuth" as const] };
  mkdirSync(dirname(lab.file("root.crt")), { recursive: true });
  writeFileSync(lab.file("root.crt"), root.certPem);
  writeFileSync(join(lab.root, "chain.crt"), (await identity(server, intermediate)).chainPem);
  sha256 = sha256Of(root.certPem);
});
afterAll(() => rmSync(lab.root, { recursive: true, force: true }));

/** Runs trust-life.ts where those folders are copies, so that this machine stays as it is. */
async function live(ending: string): Promise<Life> {
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-"));
  const copies = CHANGED.filter((path) => existsSync(path)).map((path) => {
    const copy = `${folder}/copies${path}`;
    return `mkdir -p ${copy} && cp -a ${path}/. ${copy} && mount --bind ${copy} ${path}`;
  });
  const program = [process.execPath, join(packageRoot, "tests/integration/trust-life.ts"), folder, lab.root, lab.stack];
  const script = [...copies, `exec ${program.join(" ")} "${ending}"`].join(" && ");
  const command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script];
  if (process.getuid?.() !== 0) command.unshift("sudo", "--non-interactive");
  try {
    return JSON.parse((await promisify(execFile)(command[0]!, command.slice(1))).stdout) as Life;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a root in the system's store", () => {
  it.each(["undone", "half undone"])(
    "makes OpenSSL and Java accept its servers, and leaves no trace when it was %s and is taken out",
    async (ending) => {
      const machine = CHANGED.slice(0, 2).map((path) => readdirSync(path).sort());
      const name = `mtls-lab-${lab.stack}-Lab-Root-CA-${sha256.slice(0, 8)}`;
      const { before, trusted, during, record, untrusted, after } = await live(ending);

      expect({ trusted, untrusted }).toEqual({ trusted: 0, untrusted: 0 });
      expect(before.server).toEqual({ folder: false, bundle: false });
      expect(during.server).toEqual({ folder: true, bundle: true });
      expect(during.anchors).toEqual([...before.anchors, `${name}.crt`].sort());
      const added = during.links.filter((link) => !before.links.includes(link));
      expect(added).toContain(`${name}.pem /usr/local/share/ca-certificates/${name}.crt`);

      const [javas] = during.java.filter((each) => !before.java.includes(each));
      expect(javas?.split(" ").at(-1)?.replaceAll(":", "").toLowerCase()).toBe(sha256);
      expect(record.map(({ store }) => store)).toEqual(existsSync(HOOK) ? ["system"] : ["system", "java"]);

      expect(after).toEqual(before);
      expect(CHANGED.slice(0, 2).map((path) => readdirSync(path).sort())).toEqual(machine);
    },
  );
});
