/**
 * The plugins, started while the engine and the program are still loading. The engine would start one after the other
 * once the program has named its first resource: half a second of an unchanged update, in which nothing else goes on.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

import { cacheFolder } from "../toolchain/cache.ts";
import { lookUp } from "../toolchain/need.ts";
import { plugin, type PluginName } from "../toolchain/plugin.ts";
import type { Stack } from "./stack.ts";

/** Ends the plugin when this process is gone, however it ended: then the shell's input ends. */
const KEEPER = '"$0" & read -r _; kill $!; wait';

/** Plugins that the engine attaches to instead of starting its own. */
export class Plugins {
  private readonly bridged: Promise<{ name: PluginName; keeper: ChildProcess; port: number }[]>;
  private ownPort = 0;
  private close = () => undefined as void;

  /** Starts those that a stack needs. One that is not installed yet is left to the engine. */
  constructor({ config }: Stack) {
    const names: PluginName[] = config.deploy === "docker" ? ["tls", "docker"] : ["tls"];
    this.bridged = Promise.all(names.map(start)).then((started) => started.flat());
    this.bridged.catch(() => undefined); // told by environment()
  }

  /** What tells the engine where they listen. Our own does only after {@link serveOwn}. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    this.ownPort = await freePort();
    const ports = (await this.bridged).map(({ name, port }) => `${name}:${port}`);
    return { PULUMI_DEBUG_PROVIDERS: [...ports, `mtls:${this.ownPort}`].join(",") };
  }

  /** Serves our own from this process: it has a second of time for that while the engine loads the program. */
  async serveOwn(): Promise<void> {
    const { serve } = await import("../provider/server.ts");
    const { resourceTypes } = await import("../provider/resource-types.ts");
    const { close } = await serve(resourceTypes, this.ownPort);
    this.close = close;
  }

  async stop(): Promise<void> {
    this.close();
    for (const { keeper } of await this.bridged) keeper.stdin!.end();
  }
}

async function start(name: PluginName) {
  const found = await lookUp(plugin(name, "", cacheFolder())).catch(() => undefined);
  if (found === undefined) return [];
  const program = join(found.value, `pulumi-resource-${name}`);
  const keeper = spawn("sh", ["-c", KEEPER, program], { stdio: ["pipe", "pipe", "ignore"] });
  const [port] = (await once(keeper.stdout, "data")) as [Buffer];
  // A verb that ends without the engine does not wait for it.
  keeper.unref();
  for (const pipe of [keeper.stdin, keeper.stdout] as Socket[]) pipe.unref();
  return [{ name, keeper, port: Number(port) }];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
