import { rm } from "node:fs/promises";

import { isReserved } from "../lab/generations.ts";
import { Failure } from "../toolchain/failure.ts";
import { caKey, caNames } from "./ca-key.ts";
import { clientNames, credentialsOf } from "./export/credentials.ts";
import { type Format, type FormatName, FORMATS, type Given } from "./export/formats.ts";
import { encrypted } from "./export/pem.ts";
import { readSecret } from "./export/secret.ts";
import { fromUser, refuseTaken, writeSecretly } from "./export/target.ts";
import { readStack, type Stack } from "./stack.ts";

interface Options {
  stack: string;
  format?: FormatName;
  list?: true;
  json?: true;
  /** Path, or `-` for standard output. */
  out?: string;
  force?: true;
  passphraseFile?: string;
  passwordFile?: string;
}

/** `export`: a client's credentials as a file for other programs, or a program that uses them; or the key of a CA. */
export async function exportClient(client: string | undefined, options: Options): Promise<void> {
  const stack = await readStack(options.stack);
  if (client !== undefined && isReserved(client)) {
    return exportCaKey(stack, oneOf("CA", client, caNames(stack)), options);
  }
  const names = await clientNames(stack);
  if (options.list) {
    console.log(options.json ? JSON.stringify(names) : names.join("\n"));
    return;
  }
  const name = oneOf("client", client, names);
  const formatName = oneOf("format", options.format, Object.keys(FORMATS) as FormatName[]);
  const format: Format = FORMATS[formatName];
  const secretFile = secretFileFor(formatName, options);
  const out = options.out ?? (format.suffix === undefined ? "-" : name + format.suffix);
  if (out === "-" && !format.isText) throw new Failure(`${formatName} is no text: name a file with --out`, 2);
  if (out === "-" && options.json) throw new Failure("--json says what was written: name a file with --out", 2);

  const secret = secretFile === undefined ? undefined : await readSecret(fromUser(secretFile));
  const given = { stack, credentials: await credentialsOf(stack, name), secret };
  if (out === "-") process.stdout.write(await format.make(given));
  else await writeFiles(fromUser(out), format, given, options);
}

/** Writes the key of a CA; with a passphrase, encrypted. */
async function exportCaKey(stack: Stack, ca: string, options: Options): Promise<void> {
  const { format, passwordFile, passphraseFile, out = `${ca}.key`, force } = options;
  if (format !== undefined || passwordFile !== undefined) {
    throw new Failure(`${ca} is a CA: its key is exported without --format and --password-file`, 2);
  }
  if (out === "-") throw new Failure("the key of a CA is not printed: name a file with --out", 2);
  const file = fromUser(out);
  await refuseTaken([file], force);
  const passphrase = passphraseFile === undefined ? undefined : await readSecret(fromUser(passphraseFile));
  const key = await caKey(stack, ca);
  await writeSecretly({ [file]: passphrase === undefined ? key : encrypted(key, passphrase) });
  tell([file], options);
}

/** The file with the user's own secret. Throws for the option of another format: what it says would not be done. */
function secretFileFor(format: FormatName, { passphraseFile, passwordFile }: Options): string | undefined {
  const { secretIn }: Format = FORMATS[format];
  const wrong = (option: string, formats: string) =>
    new Failure(`${option} does not go with the format ${format}: it is for ${formats}`, 2);
  if (passphraseFile !== undefined && secretIn !== "passphraseFile") throw wrong("--passphrase-file", "pem");
  if (passwordFile !== undefined && secretIn !== "passwordFile") {
    throw wrong("--password-file", "p12, p12-compat and jks");
  }
  return passphraseFile ?? passwordFile;
}

async function writeFiles(file: string, format: Format, given: Given, options: Options): Promise<void> {
  const { passwordFile: own, force } = options;
  const beside = `${file}.password`;
  // A password that the user has not chosen goes with the file that it opens.
  const goesWith = format.secretIn === "passwordFile" && own === undefined;
  // One that is left there would not open it.
  const isStale = own !== undefined && fromUser(own) !== beside;
  await refuseTaken(goesWith || isStale ? [file, beside] : [file], force);

  const content = await format.make(given);
  const password = goesWith ? { [beside]: await readSecret(given.credentials.password) } : {};
  await writeSecretly({ [file]: content, ...password });
  if (isStale) await rm(beside, { force: true });
  tell([file, ...Object.keys(password)], options);
}

/** Says what was written: a file, and perhaps the one with its password. */
function tell(files: string[], { json }: Options): void {
  const [file, password] = files;
  const text = `Wrote ${file}${password === undefined ? "" : `; its password is in ${password}`}.`;
  console.log(json ? JSON.stringify({ written: files }) : text);
}

function oneOf<T extends string>(what: string, given: T | undefined, names: T[]): T {
  if (given !== undefined && names.includes(given)) return given;
  const got = given === undefined ? `no ${what} is named` : `the ${what} '${given}' is unknown`;
  throw new Failure(`${got}: choose one of ${names.join(", ")}`, 2);
}
