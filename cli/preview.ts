import { dockerHost, pingDocker } from "../toolchain/docker-host.ts";
import { Failure } from "../toolchain/failure.ts";
import { hasImage } from "../toolchain/nginx-image.ts";
import { setUp } from "../toolchain/set-up.ts";
import { operate, openEngine, writeSettings } from "./engine.ts";
import { pkiStatus } from "./facts.ts";
import { unlock } from "./recover.ts";
import { PROJECT, readStack, requireFiles } from "./stack.ts";
import { refresh } from "./up.ts";

/** `preview`: what `up` would change. Where no Docker daemon answers, without the container. */
export async function preview(options: { stack: string }): Promise<void> {
  const stack = await readStack(options.stack);
  requireFiles(stack);
  const { env } = await setUp({ docker: false });
  const engine = await openEngine(stack, env);
  await unlock(engine);
  for (const warning of (await pkiStatus(stack)).warnings) console.error(`warning: ${warning}`);

  const { deploy, image } = stack.config;
  const daemon = deploy === "none" || (await daemonAnswers());
  if (!daemon) {
    console.error(
      `No Docker daemon answers at ${dockerHost().address}: this preview leaves the container out (deploy: none). ` +
        "Of a lab that is up it shows image, container and reload as deleted; `up` would not delete them.",
    );
    await writeSettings(engine, { ...stack.settings, [`${PROJECT}:deploy`]: "none" });
  }
  const refreshing = daemon ? await refresh(stack) : [];
  // Of a lab that is up, for the engine sees that with a refresh only: and then takes what hangs on the image for changed.
  if (daemon && deploy === "docker" && refreshing.length === 0 && !(await hasImage(image, dockerHost()))) {
    console.error(`warning: the image ${image} is no longer in the Docker daemon: npm run up gets it again`);
  }
  const status = await operate(engine, ["preview", "--diff", ...refreshing]);
  if (!daemon) await writeSettings(engine, stack.settings);
  if (status !== 0) throw new Failure(`the preview of stack ${stack.name} failed: see the error above`);
}

function daemonAnswers(): Promise<boolean> {
  return pingDocker(dockerHost()).then(
    () => true,
    () => false,
  );
}
