/**
 * Pulumi in unit-test mode: every registration is recorded and answered with recognisable text, nothing is made. This
 * shows what components ask for, not that anybody can make it: see tests/provider and tests/integration.
 */
import { beforeEach, expect } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

/** What a resource was registered with, as it goes to the engine. */
export interface Registered {
  type: string;
  name: string;
  /** Name of the parent; empty at the top. */
  parent: string;
  inputs: Record<string, unknown>;
  /** What a component registered at its end. */
  outputs?: Record<string, unknown>;
  protect: boolean;
  deleteBeforeReplace: boolean;
  additionalSecretOutputs: string[];
}

let registered = new Map<string, Registered>();

beforeEach(async () => {
  registered = new Map();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: { ...(inputs as Record<string, unknown>), ...computed(type, name) },
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "mtls-lab",
    "test",
  );
  record(pulumi.runtime.getMonitor() as unknown as MockMonitor);
});

// The mocks themselves are told neither the parent nor the options.
function record(monitor: MockMonitor): void {
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = (request, reply) => {
    const { parent, protect, deletebeforereplace, additionalsecretoutputsList } = request.toObject();
    registered.set(request.getName(), {
      type: request.getType(),
      name: request.getName(),
      parent: nameIn(parent),
      inputs: request.getObject().toJavaScript(),
      protect,
      deleteBeforeReplace: deletebeforereplace,
      additionalSecretOutputs: additionalsecretoutputsList,
    });
    return registerResource.call(monitor, request, reply);
  };
  monitor.registerResourceOutputs = (request, reply) => {
    inspect(nameIn(request.getUrn())).outputs = request.getOutputs().toJavaScript();
    registerResourceOutputs.call(monitor, request, reply);
  };
}

/** What a provider would compute: text that names its origin. */
function computed(type: string, name: string): Record<string, unknown> {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { publicKeyPem: `<public ${name}>`, privateKeyPemPkcs8: `<key ${name}>` };
    case "mtls:index:Certificate":
      return {
        certPem: `<${name}>`,
        serialNumber: `<serial ${name}>`,
        notAfter: `<end ${name}>`,
        fingerprintSha256: `<fingerprint ${name}>`,
      };
    case "mtls:index:Pkcs12":
      return { contentBase64: `<p12 ${name}>`, password: `<password ${name}>` };
    case "mtls:index:SiteFiles":
      return { version: `<version ${name}>`, directoryIdentity: `<identity ${name}>` };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: `<image ${name}>` };
    default:
      return {};
  }
}

/** Calls a function that declares resources, and returns its result when all of them are registered. */
export async function declared<T>(declare: () => T | Promise<T>): Promise<T> {
  const result = await declare();
  await pulumi.runtime.disconnect();
  return result;
}

/** Every resource as `Class name`, below its parent and indented; siblings sorted. */
export function tree(parent = "", indent = ""): string[] {
  return [...registered.values()]
    .filter((resource) => resource.parent === parent)
    .map(({ type, name }) => ({ name, line: `${indent}${type.split(":").at(-1)} ${name}` }))
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .flatMap(({ name, line }) => [line, ...tree(name, `${indent}  `)]);
}

/** The one registered resource with this name. */
export function inspect(name: string): Registered {
  const found = registered.get(name);
  expect(found).toBeDefined();
  return found!;
}

/** A value as it goes to the engine when it is secret. */
export function secret(value: unknown): Record<string, unknown> {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

/** Waits for an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

function nameIn(urn: string): string {
  return urn.split("::").at(-1)!;
}
