/** Shows nginx itself what the fuzzer has found to be right, many texts in one container. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Docker from "dockerode";

import { upstreamFolder } from "../../components/upstream-tags.ts";
import { issueCrl } from "../../provider/x509/crl.ts";
import { plainText } from "../nginx-container.ts";
import { CASES } from "../templates/cases.ts";
import { authorities, identity } from "../test-pki.ts";
import type { Fuzzed } from "./fuzz.ts";
import { MAX_LOCATIONS } from "./sites.ts";
import { SERVICES } from "./upstreams.ts";

const FOLDER = "/etc/nginx/site";
const CHAINS = "client-chains.conf";
/** Prints the name of each file that nginx refuses, and its words. */
const SCRIPT = `for file in *.nginx; do nginx -t -q -p $PWD/ -c $file -e stderr 2>/tmp/said || { echo $file; cat /tmp/said; }; done`;

/** What `nginx -t` says against any of these texts; empty if it takes all. */
export async function refusedByNginx({ site, chains }: Fuzzed["kept"]): Promise<string> {
  if (site.length + chains.length === 0) return "";
  const folder = mkdtempSync(join(tmpdir(), "mtls-lab-fuzz-"));
  try {
    await writeCertificates(folder);
    writeFileSync(join(folder, CHAINS), 'map "" $chain_of_issuer { default ""; }\n');
    for (const [index, text] of site.entries()) writeFileSync(join(folder, `site-${index}.nginx`), text);
    // Chains are part of a site: one whose configuration is known to be right.
    const around = readFileSync(CASES.find(({ name }) => name === "upstreams")!.expected, "utf8");
    for (const [index, text] of chains.entries()) {
      writeFileSync(join(folder, `chains-${index}.conf`), text);
      writeFileSync(join(folder, `chains-${index}.nginx`), around.replace(CHAINS, `chains-${index}.conf`));
    }
    chmodSync(folder, 0o755); // the container's user is another
    return await testIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeCertificates(folder: string): Promise<void> {
  const { root, intermediate } = await authorities("Fuzz");
  const server = await identity({ subject: { commonName: "lab.localhost" } }, intermediate);
  const validity = { thisUpdate: new Date(), nextUpdate: new Date(Date.now() + 3_600_000) };
  const files = {
    "server.crt": server.chainPem,
    "server.key": server.privateKeyPem,
    "client-ca.crt": root.certPem,
    "client-ca.crl": await issueCrl({ number: 1, entries: [], ...validity }, root),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (let index = 0; index < MAX_LOCATIONS; index++) {
    const upstream = join(folder, upstreamFolder(index));
    mkdirSync(upstream, { recursive: true });
    writeFileSync(join(upstream, "ca.crt"), root.certPem);
    writeFileSync(join(upstream, "client.crt"), server.chainPem);
    writeFileSync(join(upstream, "client.key"), server.privateKeyPem);
  }
}

async function testIn(folder: string): Promise<string> {
  const docker = new Docker();
  const container = await docker.createContainer({
    Image: "nginx:stable",
    User: "101:101",
    WorkingDir: FOLDER,
    Entrypoint: ["sh", "-c", SCRIPT],
    Cmd: [],
    HostConfig: {
      NetworkMode: "none",
      ExtraHosts: SERVICES.map((name) => `${name}:192.0.2.1`),
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: [{ Type: "bind", Source: folder, Target: FOLDER, ReadOnly: true }],
    },
  });
  try {
    await container.start();
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    const said = await plainText(await container.logs({ stdout: true, stderr: true, follow: false }));
    return status === 0 ? said : `${said}the script ended with ${status}`;
  } finally {
    await container.remove({ force: true });
  }
}
