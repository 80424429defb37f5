import { requireSpace } from "../toolchain/disk.ts";
import { Failure } from "../toolchain/failure.ts";
import { setUp } from "../toolchain/set-up.ts";
import { inspectSite, refuseTaken } from "./container.ts";
import { operate, openEngine, query } from "./engine.ts";
import { recover } from "./recover.ts";
import { needsRefresh, refuseTakenService, requireManager } from "./service.ts";
import { LAB, readStack, requireFiles, type Stack } from "./stack.ts";
import { tryIt } from "./try-it.ts";

/** An update of the default lab writes less than 1 MB; the rest is for the others who write on that disk. */
const UPDATE_BYTES = 20e6;
/** Five files, and 4.8 kB in each of five copies of the state. */
const CLIENT_BYTES = 50e3;

/** `up`: sets the machine up, brings the stack up to date, and says how to try it. */
export async function up(options: { stack: string }): Promise<void> {
  console.log(tryIt(await bringUp(options.stack)));
}

/** Everything of {@link up} but its last words. */
export async function bringUp(name: string): Promise<Stack> {
  const stack = await readStack(name);
  requireFiles(stack);
  requireDisk(stack);
  const docker = stack.config.deploy === "docker";
  const { env } = await setUp({ docker, image: docker ? stack.config.image : undefined });
  if (docker && stack.config.target === "container") await refuseTaken(stack);
  if (docker && stack.config.target === "swarm") {
    await requireManager();
    await refuseTakenService(stack);
  }

  const engine = await openEngine(stack, env);
  await recover(engine);
  const update = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...(await refresh(stack))];
  const status = await operate(engine, update);
  if (status !== 0) {
    await query(engine, ["stack", "export", "--show-secrets", "--stack", stack.name]); // fails with a wrong passphrase
    throw new Failure(
      `the update of stack ${stack.name} failed: see the error above; what it had done stays, ` +
        "and `npm run up` goes on from there",
    );
  }
  return stack;
}

/** A disk that gets full in the middle leaves a state that is cut short. */
function requireDisk({ name, config }: Stack): void {
  const clients = config.clients.length + config.fleet.length;
  requireSpace(LAB, UPDATE_BYTES + clients * CLIENT_BYTES, `the update of stack ${name}`);
}

/**
 * That a container is gone, or has another name, is seen by a refresh only, which costs a second; and one that never started, or
 * was taken out of a network, has to be replaced, for the state has nothing of its networks. One that has ended is started without it: after a refresh
 * the engine would replace it, for it publishes no ports. Of a service it has to be seen that the swarm went back.
 */
export async function refresh(stack: Stack): Promise<string[]> {
  if (stack.config.deploy === "none") return [];
  if (stack.config.target === "swarm") return (await needsRefresh(stack)) ? ["--refresh"] : [];
  const container = await inspectSite(stack);
  if (!container || container.State.Status === "created") return ["--refresh"];
  const { networks } = stack.config;
  const needed = networks.length > 0 ? networks : ["bridge"];
  return needed.every((network) => network in container.NetworkSettings.Networks) ? [] : ["--refresh"];
}
