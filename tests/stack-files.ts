import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pkcs12 } from "../provider/x509/pkcs12.ts";
import { authorities, identity, type Identity } from "./test-pki.ts";

/** Opens every PKCS#12 file that {@link writeStackFiles} writes. */
export const PASSWORD = crypto.randomUUID();

/** Writes into a folder what `up` writes of a stack's root and clients. Returns the CA below the root. */
export async function writeStackFiles(directory: string, clients: string[]): Promise<Identity> {
  const { root, intermediate } = await authorities("Files");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "root.crt"), root.certPem);
  for (const name of clients) {
    const subject = { commonName: name, organization: "Jack-GM" };
    const { certPem, chainPem, privateKeyPem } = await identity({ subject }, intermediate);
    const files = {
      "client.crt": certPem,
      "chain.crt": chainPem,
      "client.key": privateKeyPem,
      "client.p12": pkcs12({ chainPem, privateKeyPem, password: PASSWORD, friendlyName: name }),
      password: PASSWORD,
    };
    const folder = join(directory, "clients", name);
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content, { mode: 0o600 });
  }
  return intermediate;
}
