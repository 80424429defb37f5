/** The command line: verbs and what they have in common. Each verb is loaded when it is called. */
import { Argument, Command, CommanderError, Option } from "commander";

import { Failure } from "../toolchain/failure.ts";
import { packageVersion } from "../toolchain/package-root.ts";
import { alone } from "./alone.ts";
import type { BenchOptions, What } from "./bench.ts";
import { FORMATS } from "./export/formats.ts";
import { STORE_KINDS } from "../toolchain/trust/store.ts";
import { HELP_FOR } from "./trust-help.ts";
import type { LogsOptions } from "./logs.ts";
import { takenByNpm } from "./npm-options.ts";
import type { TrustOptions } from "./trust-options.ts";

/** Options that every verb on a stack has. */
interface OnStack {
  stack: string;
}

const program = new Command("mtls-lab")
  .description("A mutual-TLS lab: private CAs, server and client certificates, and an nginx that demands them.")
  .version(packageVersion())
  .showHelpAfterError("(options come after `--`: `npm run <verb> -- --help` shows them)")
  .enablePositionalOptions()
  .exitOverride();

verb("up", "bring the lab up, or up to date; installs what this machine lacks").action((options: OnStack) =>
  alone(options.stack, async () => (await import("./up.ts")).up(options)),
);
verb("preview", "show what `up` would change; needs no Docker daemon").action(async (options: OnStack) =>
  (await import("./preview.ts")).preview(options),
);
verb("down", "take the lab away; twice is fine")
  .option("--all", "every stack, and what set-up started on this machine")
  .option("--unprotect", "also a root CA that the configuration protects")
  .action(async (options: OnStack) => (await import("./down.ts")).down(options));
verb("status", "URL, container and its image, certificates with serial and days left")
  .addOption(json())
  .action(async (options: OnStack) => (await import("./status.ts")).status(options));
verb("logs", "what nginx has written: requests and errors in one, each refusal with its cause and its cure")
  .option("-f, --follow", "go on with what comes, until Ctrl-C")
  .option("--tail <n>", "only the last so many entries")
  .option("--since <time>", "only what came since: 30s, 10m, 2h, 1d ago, or a moment like 2030-01-31T00:00:00Z")
  .addOption(new Option("--json", "print each entry as a line of JSON"))
  .action(async (options: LogsOptions) => (await import("./logs.ts")).logs(options));
verb("revoke", "enter a client into the revocation list: npm run revoke -- alice --reason keyCompromise")
  .argument("<name>", "a client, server, intermediate, or the serial number of what the intermediate CA issued")
  .option("--reason <reason>", "RFC 5280, 5.3.1", "unspecified")
  .action((name: string, options: OnStack & { reason: string }) =>
    alone(options.stack, async () => (await import("./revoke.ts")).revoke(name, options)),
  );
verb("unrevoke", "take a revocation back")
  .argument("<name>", "as it was revoked")
  .action((name: string, options: OnStack) =>
    alone(options.stack, async () => (await import("./revoke.ts")).unrevoke(name, options)),
  );
verb("renew", "issue certificates anew, with the same keys: npm run renew -- alice")
  .argument("[names...]", "clients, server, intermediate, root")
  .option("--all", "every one but the root, which those who trust it have to be told of")
  .option("--due", "those in the last part of their life")
  .action((names: string[], options: OnStack) =>
    alone(options.stack, async () => (await import("./renew.ts")).renew(names, options)),
  );
verb("doctor", "what this machine has and lacks for the lab; gets nothing but the lab's npm packages, to run itself")
  .addOption(json())
  .action(async (options: OnStack) => (await import("./doctor.ts")).doctor(options));
verb("export", "a client's credentials for another program, or a program that uses them")
  .argument("[client]", "its name; --list prints them; or a CA, for its key: root, intermediate, root-2 …")
  .addOption(new Option("--format <format>", "a file of credentials, or a snippet").choices(Object.keys(FORMATS)))
  .option("--out <file>", "where to write it; - prints text")
  .option("--force", "replace files that are there")
  .option("--passphrase-file <file>", "pem: encrypt the key with the passphrase in this file")
  .option("--password-file <file>", "p12, p12-compat, jks: the password in this file instead of the lab's")
  .option("--list", "only print the clients' names")
  .addOption(json())
  .action(async (client: string | undefined, options: OnStack) =>
    (await import("./export.ts")).exportClient(client, options),
  );
onStores("trust", "make this machine's stores trust the root certificate; shows how, and asks first")
  .addOption(new Option("--help-for <system>", "what to do by hand there").choices(HELP_FOR))
  .action(async (options: TrustOptions) => (await import("./trust.ts")).trust(options));
onStores("untrust", "take out of the stores what `trust` put there; twice is fine")
  .option("--all", "of every stack and every checkout")
  .action(async (options: TrustOptions) => (await import("./untrust.ts")).untrust(options));
verb("pulumi", "the engine itself, on the lab's state: npm run pulumi -- refresh")
  .argument("<args...>", "what pulumi is to do")
  .passThroughOptions()
  .action(async (args: string[], options: OnStack) => (await import("./pulumi.ts")).pulumi(args, options));
program
  .command("test")
  .description("format, lint, types, unit and integration tests")
  .argument("[pattern...]", "only test files whose path has one of these")
  .addOption(noStack())
  .action(async (patterns: string[]) => (await import("./test.ts")).test(patterns));
program
  .command("bench")
  .description(
    "measure the lab or a PKI with many clients against a shell script, change a site under load, or fuzz it",
  )
  .addArgument(
    new Argument("[what]", "what to measure").choices(["lab", "pki", "reload", "sites", "fuzz"]).default("lab"),
  )
  .addOption(noStack())
  .option("--rounds <n>", "how often each is run", Number, 5)
  .option("--clients <n,n>", "pki: numbers of clients", "10,100,1000")
  .option("--sites <n,n>", "sites: numbers of sites", "1,10,25")
  .option("--requests <n>", "reload: at least so many requests", Number, 20_000)
  .option("--inputs <n>", "fuzz: so many inputs", Number, 100_000)
  .option("--seed <n>", "fuzz: the same seed gives the same inputs (default: another each time)", Number)
  .addOption(json())
  .action(async (what: What, options: BenchOptions) => (await import("./bench.ts")).bench(what, options));

program.hook("preSubcommand", (_, called) => {
  const taken = takenByNpm(called, process.argv.slice(3), process.env);
  if (taken !== undefined) throw new Failure(taken, 2);
});

// A reader that has seen enough, such as head, does not keep a verb from its end; a disk that is full is told once.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  console.error(`the output cannot be written: ${error.message}`);
  process.exitCode = 1;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has spoken
  else if (error instanceof Failure) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else {
    // Nothing that a user can mend was foreseen here; the stack is for those who mend the lab itself.
    console.error(process.env.DEBUG ? error : `unexpected: ${(error as Error).message} (DEBUG=1 shows where)`);
    process.exitCode = 1;
  }
}

function verb(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--stack <name>", "which stack: a file Pulumi.<name>.yaml", "dev");
}

/** A verb that changes which certificates are trusted. */
function onStores(name: string, description: string): Command {
  return verb(name, description)
    .addOption(new Option("--store <kind...>", "only these stores").choices(STORE_KINDS))
    .option("--yes", "do not ask")
    .option("--java-storepass-file <file>", "has the password of Java's store, if that is not changeit")
    .addOption(json());
}

/** Every verb takes the option; these two make stacks of their own. */
function noStack(): Option {
  return new Option("--stack <name>", "makes no difference: it uses stacks of its own");
}

function json(): Option {
  return new Option("--json", "print the facts as JSON");
}
