import { setUp } from "../toolchain/set-up.ts";
import { Failure } from "../toolchain/failure.ts";
import { inspectSite, refuseTakenPorts } from "./container.ts";
import { operate, openEngine } from "./engine.ts";
import { recover } from "./recover.ts";
import { inUrl, siteAddress, siteUrl } from "./site-url.ts";
import { readStack, requireFiles, type Stack } from "./stack.ts";

/** `up`: sets the machine up, brings the stack up to date, and says how to try it. */
export async function up(options: { stack: string }): Promise<void> {
  const stack = await readStack(options.stack);
  requireFiles(stack);
  const docker = stack.config.deploy === "docker";
  const { env } = await setUp({ docker, image: docker ? stack.config.image : undefined });
  if (docker) await refuseTakenPorts(stack);

  const engine = await openEngine(stack, env);
  await recover(engine);
  const update = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...(await refresh(stack))];
  const status = await operate(engine, update);
  if (status !== 0)
    throw new Failure(`stack ${stack.name} is not up: see the error above; \`npm run up\` goes on from here`);
  console.log(whatNow(stack));
}

/** A container that does not run as the state believes is seen by a refresh only, which costs a second. */
export async function refresh(stack: Stack): Promise<string[]> {
  if (stack.config.deploy === "none") return [];
  return (await inspectSite(stack))?.State.Running ? [] : ["--refresh"];
}

/** What to try, now that the stack is up. */
export function whatNow({ name, config }: Stack): string {
  const lab = `.lab/${name}`;
  const [client] = config.clients;
  if (config.deploy === "none") {
    return `Certificates and configuration are in ${lab}; nothing is deployed (deploy: none in Pulumi.${name}.yaml).`;
  }
  const url = siteUrl(config, "/whoami");
  // Names under .localhost are loopback for curl; others are not in DNS.
  const resolve = config.domain.endsWith(".localhost")
    ? ""
    : ` --resolve ${config.domain}:${config.httpsPort}:${inUrl(siteAddress(config))}`;
  const curl = `curl --cacert ${lab}/root.crt${resolve}`;
  return `
${siteUrl(config)}

Accepted, with ${client}'s certificate:
  ${curl} --cert ${lab}/clients/${client}/chain.crt --key ${lab}/clients/${client}/client.key ${url}
Refused, without one:
  ${curl} ${url}
`;
}
