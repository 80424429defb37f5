/** Every snippet, run against a TLS server that wants a client certificate. On nginx: tests/integration/export.test.ts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { credentialsOf } from "../../../cli/export/credentials.ts";
import { snippet } from "../../../cli/export/snippet.ts";
import { readStack, type Stack } from "../../../cli/stack.ts";
import type { LabConfig } from "../../../config.ts";
import { runSnippet, SNIPPETS } from "../../snippets.ts";
import { PASSWORD, writeStackFiles } from "../../stack-files.ts";
import { identity, type Identity } from "../../test-pki.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const folder = mkdtempSync(join(tmpdir(), "mtls-lab-"));
// Everything that a shell or a string literal could take for its own.
const directory = join(folder, `it's "a" $HOME \`lab\` \\n {{x}} é`);
const servers: Server[] = [];
let issuer: Identity;
let stack: Stack;

beforeAll(async () => {
  issuer = await writeStackFiles(directory, ["alice"]);
  // Who asks for the name is shown a certificate for nothing but the name, who asks for the address one for that.
  stack = await serve({ ipAddresses: ["127.0.0.1"] }, { dnsNames: ["lab.localhost"] });
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

interface Names {
  dnsNames?: string[];
  ipAddresses?: string[];
}

/** Starts a server that answers with what the client has shown, and returns a stack with its port. */
async function serve(byAddress: Names, byName: Names): Promise<Stack> {
  const options = { ...(await certificate(byAddress)), requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket & { servername: string | false };
    const { subject } = socket.getPeerX509Certificate()!;
    const { method, url, headers } = request;
    response.end(JSON.stringify({ subject, sni: socket.servername, host: headers.host, asked: `${method} ${url}` }));
  });
  servers.push(server);
  server.addContext("lab.localhost", await certificate(byName));
  server.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  return stackWith({ httpsPort: (server.address() as AddressInfo).port });
}

async function certificate(names: Names): Promise<{ cert: string; key: string; ca: Buffer }> {
  const request = { subject: { commonName: "server" }, extendedKeyUsages: ["serverAuth" as const], ...names };
  const { chainPem, privateKeyPem } = await identity(request, issuer);
  return { cert: chainPem, key: privateKeyPem, ca: readFileSync(join(directory, "root.crt")) };
}

async function stackWith(config: Partial<LabConfig>): Promise<Stack> {
  const dev = await readStack("dev");
  return { ...dev, config: { ...dev.config, ...config }, directory };
}

const alice = () => credentialsOf(stack, "alice");
const printed = async (file: string, of = stack) =>
  snippet(file, { stack: of, credentials: await alice(), secret: undefined });
const ran = (text: string) => runSnippet(text, mkdtempSync(join(folder, "run-")));

describe.each(SNIPPETS)("the snippet for %s", (file) => {
  it("runs as it is printed, shows the client's certificate and asks for the site's name", async () => {
    const { status, stdout, stderr } = await ran(await printed(file));

    const { httpsPort } = stack.config;
    const asksFor =
      file === "httpie"
        ? { sni: false, host: `127.0.0.1:${httpsPort}` }
        : { sni: "lab.localhost", host: `lab.localhost:${httpsPort}` };
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ subject: "O=Jack-GM\nCN=alice", asked: "GET /whoami", ...asksFor });
  });

  it("trusts the lab's root and no other", async () => {
    const other = join(folder, "other");
    await writeStackFiles(other, []);
    const credentials = { ...(await alice()), rootCert: join(other, "root.crt") };
    const { status, stdout, stderr } = await ran(snippet(file, { stack, credentials, secret: undefined }));

    expect({ refused: status !== 0, stdout }).toEqual({ refused: true, stdout: "" });
    expect(stderr).toMatch(/certificat/i);
  });

  it("shows its certificate to nobody but the site that it asks for", async () => {
    const elsewhere = { dnsNames: ["elsewhere.localhost"] };
    const { status, stdout, stderr } = await ran(await printed(file, await serve(elsewhere, elsewhere)));

    expect({ refused: status !== 0, stdout }).toEqual({ refused: true, stdout: "" });
    expect(stderr).toMatch(/certificat|subject alternative/i);
  });

  it("holds no secret", async () => {
    const text = await printed(file);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain("PRIVATE KEY");
  });
});

describe("a snippet", () => {
  it.each([
    ["127.0.0.2", "127.0.0.2"],
    ["0.0.0.0", "127.0.0.1"],
    ["::", "[::1]"],
    ["2001:DB8:0::1", "[2001:db8::1]"],
  ])("of a site that is bound to %s connects to %s", async (bindAddress, address) => {
    const other = await stackWith({ bindAddress, httpsPort: 443, ipAddresses: [bindAddress, "127.0.0.1", "::1"] });

    expect(await printed("curl", other)).toContain(
      address.startsWith("[") ? `lab.localhost:443:'${address}'` : `lab.localhost:443:${address}`,
    );
    expect(await printed("go", other)).toContain(`"${address}:443"`);
    expect(await printed("java", other)).toContain(`"https://${address}/whoami"`);
    expect(await printed("httpie", other)).toContain(`https://${address}/whoami`);
  });

  it("for HTTPie is refused where the certificate does not name the address", async () => {
    const other = await stackWith({ ipAddresses: ["192.0.2.1"] });

    await expect(printed("httpie", other)).rejects.toThrow(
      "HTTPie can only ask for the address 127.0.0.1, which the server's certificate does not name: " +
        "add it to mtls-lab:ipAddresses in Pulumi.dev.yaml, or take curl",
    );
  });
});
