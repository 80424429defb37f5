/**
 * The gRPC side of the plugin: Pulumi's resource provider protocol (pulumi/proto/provider.proto) in front of
 * {@link ResourceType}s. The SDK's own server is not used: it cannot say which property makes a replacement
 * necessary, prints stack traces, and loads the whole SDK, which takes longer than an unchanged update.
 */
import * as grpc from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";

import { configure } from "./configuration.ts";
import {
  type Change,
  changedProperties,
  type Problem,
  type Properties,
  type Resource,
  type ResourceType,
} from "./resource-type.ts";

/** Version of the plugin; the engine shows it and nothing depends on it. */
const VERSION = "0.1.0";

type Struct = InstanceType<typeof structProto.Struct>;

/** Listens on a loopback port and returns it. `types` maps type tokens such as `mtls:index:Certificate`. */
export async function serve(types: Record<string, ResourceType>): Promise<number> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 1 << 28 });
  server.addService(providerGrpc.ResourceProviderService, { ...lifecycle, ...resources(types) });
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}

/** Methods that are about the plugin, not about a resource. */
const lifecycle: grpc.UntypedServiceImplementation = {
  getPluginInfo: unary(() => new pluginProto.PluginInfo().setVersion(VERSION)),
  getSchema: unary(() => new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: "mtls", version: VERSION }))),
  checkConfig: unary((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
  diffConfig: unary((request: proto.DiffRequest) => {
    const news = plain(request.getNews());
    return diffResponse({ update: changedProperties(plain(request.getOldInputs()), news), replace: [] }, news);
  }),
  configure: unary((request: proto.ConfigureRequest) => {
    configure(plain(request.getArgs()));
    // Secrets are left to the engine: it marks an output secret when the class says so.
    return new proto.ConfigureResponse().setAcceptsecrets(false).setSupportspreview(true);
  }),
  attach: unary(() => new emptyProto.Empty()),
  cancel: unary(() => new emptyProto.Empty()),
};

/** Methods on one resource. */
function resources(types: Record<string, ResourceType>): grpc.UntypedServiceImplementation {
  const typeOf = (request: { getUrn(): string }): ResourceType => {
    const token = request.getUrn().split("::")[2]!.split("$").at(-1)!;
    const type = types[token];
    if (!type) throw new Error(`mtls has no resource type ${token}: it has ${Object.keys(types).join(", ")}`);
    return type;
  };

  return {
    check: unary(async (request: proto.CheckRequest) => {
      const olds = plain(request.getOlds()); // empty for a new resource
      const { inputs, problems } = await typeOf(request).check(
        plain(request.getNews()),
        Object.keys(olds).length > 0 ? olds : undefined,
      );
      return new proto.CheckResponse().setInputs(struct(inputs)).setFailuresList(problems.map(failure));
    }),

    diff: unary(async (request: proto.DiffRequest) => {
      const old = resourceOf(request, request.getOldInputs(), request.getOlds());
      const news = plain(request.getNews());
      return diffResponse(await typeOf(request).diff(old, news), news);
    }),

    create: unary(async (request: proto.CreateRequest) => {
      const type = typeOf(request);
      const inputs = plain(request.getProperties());
      if (request.getPreview()) {
        return new proto.CreateResponse().setProperties(struct((await type.previewCreate?.(inputs)) ?? {}));
      }
      const { id, outputs } = await type.create(inputs);
      return new proto.CreateResponse().setId(id).setProperties(struct(outputs));
    }),

    read: unary(async (request: proto.ReadRequest) => {
      const type = typeOf(request);
      const known = resourceOf(request, request.getInputs(), request.getProperties());
      const found = type.read ? await type.read(known) : known;
      if (!found) return new proto.ReadResponse(); // no id: it is gone
      return new proto.ReadResponse()
        .setId(found.id)
        .setProperties(struct(found.outputs))
        .setInputs(struct(found.inputs));
    }),

    update: unary(async (request: proto.UpdateRequest) => {
      const type = typeOf(request);
      const old = resourceOf(request, request.getOldInputs(), request.getOlds());
      const news = plain(request.getNews());
      const outputs = request.getPreview()
        ? ((await type.previewUpdate?.(old, news)) ?? {})
        : await type.update?.(old, news);
      return new proto.UpdateResponse().setProperties(struct(outputs ?? old.outputs));
    }),

    delete: unary(async (request: proto.DeleteRequest) => {
      await typeOf(request).delete?.(resourceOf(request, request.getOldInputs(), request.getProperties()));
      return new emptyProto.Empty();
    }),
  };
}

/** The engine prints the value of the property beside the reason, secret or not: a PEM text is long, and may be a key. */
function failure({ property, reason }: Problem): proto.CheckFailure {
  const failed = new proto.CheckFailure();
  return property.endsWith("Pem")
    ? failed.setReason(`'${property}' ${reason}`)
    : failed.setProperty(property).setReason(reason);
}

/** @param inputs the new ones: what they hold is compared with the old inputs, and all else with the old outputs. */
function diffResponse({ add = [], remove = [], update, replace }: Change, inputs: Properties): proto.DiffResponse {
  const { DiffChanges } = proto.DiffResponse;
  const { ADD, DELETE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const changes = [add, remove, update, replace].flat();
  const response = new proto.DiffResponse()
    .setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
    .setReplacesList(replace)
    .setDiffsList(changes)
    .setHasdetaileddiff(true);
  const tell = (paths: string[], kind: proto.PropertyDiff.Kind) => {
    for (const path of paths) {
      const isInput = Object.hasOwn(inputs, path.split(/[.[]/)[0]!);
      response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(kind).setInputdiff(isInput));
    }
  };
  tell(add, ADD);
  tell(remove, DELETE);
  tell(update, UPDATE);
  tell(replace, UPDATE_REPLACE);
  return response;
}

function resourceOf(request: { getId(): string }, inputs: Struct | undefined, outputs: Struct | undefined): Resource {
  return { id: request.getId(), inputs: plain(inputs), outputs: plain(outputs) };
}

/** An error becomes its message: the engine shows it against the resource, without a stack. */
function unary<Q, A>(handler: (request: Q) => Promise<A> | A): grpc.handleUnaryCall<Q, A> {
  return (call, reply) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (response) => reply(null, response),
        (error: Error) => reply({ code: grpc.status.UNKNOWN, details: error.message }),
      );
  };
}

function plain(value: Struct | undefined): Properties {
  return value?.toJavaScript() ?? {};
}

function struct(value: Properties): Struct {
  return structProto.Struct.fromJavaScript(value as Parameters<typeof structProto.Struct.fromJavaScript>[0]);
}
