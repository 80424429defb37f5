import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import * as grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";

import type { Properties } from "../../provider/resource-type.ts";

const PROGRAM = fileURLToPath(new URL("../../provider/pulumi-resource-mtls", import.meta.url));

type Struct = InstanceType<typeof structProto.Struct>;
type Reply = (error: grpc.ServiceError | null, response: unknown) => void;

/** The plugin in a process of its own, as the engine starts it. */
export interface Plugin {
  /** All that it has written to standard output so far, by line. */
  lines: string[];
  /** Calls a method of the resource provider protocol. Rejects with a `grpc.ServiceError`. */
  call<T>(method: string, request: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** Starts the plugin and connects to the port that it prints. */
export async function startPlugin(): Promise<Plugin> {
  const child = spawn(PROGRAM, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = await linesOf(child);
  const client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${lines[0]}`, grpc.credentials.createInsecure());
  const methods = client as unknown as Record<string, (request: unknown, reply: Reply) => void>;
  return {
    lines,
    call: <T>(method: string, request: unknown) =>
      new Promise<T>((resolve, reject) => {
        methods[method]!.call(client, request, (error, response) => (error ? reject(error) : resolve(response as T)));
      }),
    async stop() {
      client.close();
      child.kill();
      await once(child, "close");
    },
  };
}

/** What a process writes, by line; returns with the first line. */
export async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  reader.on("line", (line) => lines.push(line));
  await once(reader, "line");
  return lines;
}

/** Properties as they go over the wire. */
export function struct(properties: Properties): Struct {
  return structProto.Struct.fromJavaScript(properties as Parameters<typeof structProto.Struct.fromJavaScript>[0]);
}

/** Path of the plugin's program. */
export { PROGRAM };
