import { docker, logLines } from "./docker.ts";

/** What to test, and in which image: the one that will serve it. */
export interface ConfigurationTest {
  /** Image name or id. */
  image: string;
  /** Where the site's directory is in the container. */
  mountPath: string;
  /** `uid:gid` that nginx runs as. */
  user: string;
  /** The site's directory on the host. */
  directory: string;
  /** The version below it. */
  version: string;
}

/** Runs `nginx -t` on one version of a site in a container of its own. Throws nginx's own words if it refuses. */
export async function testConfiguration(test: ConfigurationTest): Promise<void> {
  const container = await docker.createContainer({
    Image: test.image,
    User: test.user,
    Entrypoint: ["nginx"],
    Cmd: ["-t", "-q", "-p", `${test.mountPath}/${test.version}/`, "-c", "nginx.conf"],
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { "/tmp": "mode=1777" },
      Mounts: [{ Type: "bind", Source: test.directory, Target: test.mountPath, ReadOnly: true }],
    },
  });
  try {
    await container.start();
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    if (status === 0) return;
    const lines = await logLines(container, 20);
    const words = lines.filter((line) => line.includes("[emerg]")).at(0) ?? lines.at(-1) ?? `exit code ${status}`;
    throw new Error(`nginx refuses the new configuration, the site stays as it was: ${words}`);
  } finally {
    await container.remove({ force: true });
  }
}
