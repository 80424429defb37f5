/** The programs of examples/hierarchies on the real engine, with nginx in front and CAs by mkcert and OpenSSL. */
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { cacheFolder } from "../../toolchain/cache.ts";
import { run } from "../checkout.ts";
import { ExampleProgram } from "../example-program.ts";
import { openssl, x509 } from "../openssl.ts";
import { blocks, page } from "../readme.ts";

jest.setTimeout(2 ** 31 - 1); // nothing here is about time

const HOST = "shop.localhost";

/** A program that goes away after its tests. */
function example(name: string): ExampleProgram {
  const program = new ExampleProgram(`hierarchies/${name}.ts`);
  beforeAll(async () => {
    await program.open();
    program.write("ca-file.ts", page("examples/hierarchies/ca-file.ts"));
  });
  afterAll(() => program.remove());
  return program;
}

/** Brings a program up that tells its root, and writes that to a file. */
async function upWithRoot(program: ExampleProgram): Promise<void> {
  await program.up();
  program.write("root.crt", await program.succeed("stack", "output", "rootCertPem"));
}

/** Types, where a program is, the commands of the one block of docs/hierarchies.md that has these words. */
async function typeFromPage(program: ExampleProgram, words: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [block = "", ...others] = blocks(page("docs/hierarchies.md"), "sh").filter((code) => code.includes(words));
  expect(others).toEqual([]);
  const { status, stderr } = await run("sh", ["-ec", block], program.folder, { ...process.env, ...env });
  if (status !== 0) throw new Error(stderr);
}

/** HTTP status for each of the clients, and for who has no certificate. */
async function statusOf(program: ExampleProgram, cacert: string, clients: string[]): Promise<Record<string, number>> {
  const statuses: Record<string, number> = { nobody: await program.curl(HOST, cacert) };
  for (const client of clients) statuses[client] = await program.curl(HOST, cacert, `out/${client}`);
  return statuses;
}

const depthOf = (program: ExampleProgram) => program.succeed("stack", "output", "verifyDepth");

describe("separate roots for servers and clients", () => {
  const program = example("separate-roots");
  beforeAll(() => upWithRoot(program));

  it("let in whom the clients' CA has certified, and not whom the servers' CA has", async () => {
    expect(await statusOf(program, "root.crt", ["alice", "mallory"])).toEqual({
      nobody: 400,
      alice: 200,
      mallory: 400,
    });
  });

  it("have the client trust the servers' root alone", async () => {
    program.write("clients.crt", program.read("out/site/current/client-ca.crt"));

    expect(x509(program.read("clients.crt"), "-subject")).toBe("subject=CN = Shop Client Root CA\n");
    await expect(program.curl(HOST, "clients.crt", "out/alice")).rejects.toThrow(
      "unable to get local issuer certificate",
    );
  });

  it("are just as they were after a second update", async () => {
    await program.up("--expect-no-changes");
  });
});

describe("intermediates side by side", () => {
  const program = example("side-by-side");
  beforeAll(() => upWithRoot(program));

  it("let in the clients of those that have a revocation list", async () => {
    expect(await statusOf(program, "root.crt", ["alice", "till", "mallory"])).toEqual({
      nobody: 400,
      alice: 200,
      till: 200,
      mallory: 400,
    });
    expect(await depthOf(program)).toBe("1\n");
  });

  it("are just as they were after a second update", async () => {
    await program.up("--expect-no-changes");
  });
});

describe("an intermediate below an intermediate", () => {
  const program = example("two-deep");
  beforeAll(() => upWithRoot(program));

  it("lets its clients in, for nginx is told how deep they are", async () => {
    expect(await statusOf(program, "root.crt", ["alice"])).toEqual({ nobody: 400, alice: 200 });
    expect(await depthOf(program)).toBe("2\n");
    expect(program.read("out/site/current/nginx.conf")).toMatch(/ ssl_verify_depth +2;/);
  });

  it("is sent with the one above it, and the root is not", () => {
    const sent = program.read("out/alice/chain.crt").split(/(?<=-----END CERTIFICATE-----\n)/);

    expect(sent.map((pem) => x509(pem, "-subject"))).toEqual([
      "subject=CN = alice\n",
      "subject=CN = Shop Issuing CA\n",
      "subject=CN = Shop Policy CA\n",
    ]);
  });

  it("is just as it was after a second update", async () => {
    await program.up("--expect-no-changes");
  });
});

describe("the root of mkcert", () => {
  const program = example("mkcert");
  beforeAll(async () => {
    const env = { CAROOT: program.file("mkcert"), PATH: [dirname(await mkcert()), process.env.PATH].join(delimiter) };
    await run("mkcert", ["unused.localhost"], program.folder, { ...process.env, ...env });
    await typeFromPage(program, "mkcert -CAROOT", env);
    await program.up();
  });

  it("signs a server that who trusts mkcert trusts, and clients", async () => {
    expect(await statusOf(program, "ca/rootCA.pem", ["alice"])).toEqual({ nobody: 400, alice: 200 });
  });

  it("is just as it was after a second update", async () => {
    await program.up("--expect-no-changes");
  });

  it("may sign no further CA, which is said before anything is made", async () => {
    const good = program.read("index.ts");
    const lower = 'new IntermediateCA("lower", { issuer: root, subject: { commonName: "Lower" } });';
    program.write("index.ts", good.replace("{ ClientCert", "{ IntermediateCA, ClientCert") + lower);
    const said = await program.refusedUp();
    program.write("index.ts", good);

    expect(said).toContain("must be false: the issuer's maxPathLength is 0, it may sign no further CA");
    await program.up("--expect-no-changes");
  });

  it("is refused with a key that is encrypted, with the command that decrypts it", async () => {
    const key = program.read("ca/rootCA-key.pem");
    program.write("ca/rootCA-key.pem", openssl(["pkey", "-aes256", "-passout", "pass:x"], key));
    const said = await program.refusedUp();

    expect(said).toContain(
      "must be a key without a passphrase: decrypt it with `openssl pkey -in ca.key -out ca-plain.key`",
    );
    expect(said).not.toContain("PRIVATE KEY-----");
    program.write("ca/rootCA-key.pem", key);
    await program.up("--expect-no-changes");
  });
});

describe("a root whose key is away, as step leaves it", () => {
  const program = example("root-away");
  beforeAll(async () => {
    const [root, rootKey] = selfSigned("Shop Root CA", "nameConstraints=critical,permitted;DNS:shop.localhost");
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-"];
    const pair = openssl(["req", "-new", "-subj", "/CN=Shop Issuing CA", ...newKey]);
    program.write("ca/root_ca.crt", root);
    program.write("ca/root_ca.key", rootKey);
    program.write("ca/intermediate_ca.crt", signed(program, openssl(["req"], pair), "ca/root_ca"));
    // The older form of a key, as step writes it.
    program.write("ca/intermediate_ca.key", openssl(["pkey", "-traditional"], pair));
    await program.up();
  });

  it("lets the clients of its intermediate in", async () => {
    expect(await statusOf(program, "ca/root_ca.crt", ["alice"])).toEqual({ nobody: 400, alice: 200 });
    expect(await depthOf(program)).toBe("1\n");
  });

  it("is just as it was after a second update", async () => {
    await program.up("--expect-no-changes");
  });

  it("signs nothing new by the root, which is said before anything is made", async () => {
    const good = program.read("index.ts");
    const lower = 'new IntermediateCA("lower", { issuer: root, subject: { commonName: "Lower" } });';
    program.write("index.ts", good.replace("{ ClientCert", "{ IntermediateCA, ClientCert") + lower);
    const said = await program.refusedUp();
    program.write("index.ts", good);

    expect(said).toContain(
      "must sign the certificate, and its issuer's key is not here: bring it back for this update",
    );
    await program.up("--expect-no-changes");
  });

  it("forbids a name by its name constraints, which is said before the certificate is made", async () => {
    const good = program.read("index.ts");
    program.write(
      "index.ts",
      good.replace('dnsNames: ["shop.localhost"]', 'dnsNames: ["shop.localhost", "evil.test"]'),
    );
    const said = await program.refusedUp();
    program.write("index.ts", good);

    expect(said).toContain(
      "has 'evil.test', which the issuer's name constraints forbid: choose another, or another issuer",
    );
    await program.up("--expect-no-changes");
  });

  it("is refused in the place of its intermediate", async () => {
    const certificate = program.read("ca/intermediate_ca.crt");
    program.write("ca/intermediate_ca.crt", program.read("ca/root_ca.crt"));
    const said = await program.refusedUp();
    program.write("ca/intermediate_ca.crt", certificate);

    expect(said).toContain("must be the key of 'CN=Shop Root CA', got another one");
    expect(said).toContain("must end with the root 'CN=Shop Root CA', got 'CN=Shop Root CA' after it");
    await program.up("--expect-no-changes");
  });
});

describe("a CA that a company signs", () => {
  const program = example("signed-elsewhere");
  let request: string;
  beforeAll(() => typeFromPage(program, "-gencrl"));

  it("is first a key and a request, and the update says what to do with it", async () => {
    const said = await program.up();
    request = program.read("ca/issuing.csr");

    expect(said).toContain(`what to do now: have ${program.file("ca/issuing.csr")} signed by a CA, and give `);
    expect(openssl(["req", "-noout", "-verify", "-subject"], request)).toBe("subject=O = Shop, CN = Shop Issuing CA\n");
    expect(existsSync(program.file("out"))).toBe(false);
  });

  it("stays the same request in a second update", async () => {
    await program.up("--expect-no-changes");
    expect(program.read("ca/issuing.csr")).toBe(request);
  });

  it("refuses an answer that is for another key, and makes nothing below it", async () => {
    const other = openssl(["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=X", "-keyout", "/dev/null"]);
    program.write("ca/issuing.crt", signed(program, other, "ca/company"));

    expect(await program.refusedUp()).toContain("must be the key of 'CN=X', got another one");
    expect(existsSync(program.file("out"))).toBe(false);
  });

  it("issues everything below it once the answer is there", async () => {
    await typeFromPage(program, "-copy_extensions");
    await program.up();

    expect(await statusOf(program, "ca/company.crt", ["alice"])).toEqual({ nobody: 400, alice: 200 });
    expect(program.read("ca/issuing.csr")).toBe(request);
    await program.up("--expect-no-changes");
  });

  it("is refused by everybody once the company has revoked it, as the company's next list says", async () => {
    program.write("ca/company.crl", revocationList(program, "ca/company", "ca/issuing.crt"));
    await program.up();

    expect(await statusOf(program, "ca/company.crt", ["alice"])).toEqual({ nobody: 400, alice: 400 });
  });
});

describe.each([
  ["mkcert", "ca/rootCA.pem"],
  ["root-away", "ca/root_ca.crt"],
  ["signed-elsewhere", "ca/company.crt"],
])("the program %s", (name, file) => {
  const program = example(name);

  it("ends in one sentence where the files of its CA are not there", async () => {
    const said = await program.refusedUp();

    expect(said).toContain(`error: ${file} is not there: docs/hierarchies.md says what puts it there\n`);
    expect(said).not.toMatch(/ENOENT|^ +at /m);
  });
});

/** A self-signed CA by OpenSSL: certificate and key. */
function selfSigned(commonName: string, ...extensions: string[]): [certificate: string, key: string] {
  const constraints = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", ...extensions];
  const args = [
    "req",
    "-x509",
    "-days",
    "3650",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "-",
    "-subj",
    `/CN=${commonName}`,
  ];
  const pair = openssl([...args, ...constraints.flatMap((extension) => ["-addext", extension])]);
  return [openssl(["x509"], pair), openssl(["pkey"], pair)];
}

/** What the CA with the files `<ca>.crt` and `<ca>.key` answers to a request: a CA that signs leaf certificates. */
function signed(program: ExampleProgram, request: string, ca: string): string {
  program.write("extensions", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n");
  const by = ["-CA", program.file(`${ca}.crt`), "-CAkey", program.file(`${ca}.key`)];
  return openssl(["x509", "-req", "-days", "1825", ...by, "-extfile", program.file("extensions")], request);
}

/** The CA's revocation list, with one certificate in it. */
function revocationList(program: ExampleProgram, ca: string, revoked: string): string {
  program.write("index.txt", "");
  const settings = ["[ca]", "default_ca=x", "[x]", `database=${program.file("index.txt")}`, "default_md=sha256"];
  program.write("ca.cnf", settings.join("\n"));
  const by = [
    "-config",
    program.file("ca.cnf"),
    "-cert",
    program.file(`${ca}.crt`),
    "-keyfile",
    program.file(`${ca}.key`),
  ];
  openssl(["ca", "-revoke", program.file(revoked), ...by]);
  return openssl(["ca", "-gencrl", "-crldays", "30", ...by]);
}

/** Path of mkcert, built once by Go from the module proxy. */
async function mkcert(): Promise<string> {
  const folder = join(cacheFolder(), "mkcert-1.4.4");
  const program = join(folder, "mkcert");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" };
  const { status, stderr } = await run("go", ["install", "filippo.io/mkcert@v1.4.4"], folder, env);
  if (status !== 0) throw new Error(`mkcert cannot be built: ${stderr}`);
  return program;
}
