/**
 * Pulumi in unit-test mode: every registration is recorded and answered with recognisable text, nothing is made. It
 * shows what components ask for, not that anybody can make it: tests/provider and tests/integration show that.
 */
import { beforeEach, expect } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceOutputsRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

type Values = Record<string, unknown>;

/** What a resource was registered with, as it goes to the engine. */
export interface Registered {
  type: string;
  name: string;
  /** Name of the parent; empty at the top. */
  parent: string;
  inputs: Values;
  /** What a component registers at its end. */
  outputs?: Values;
  isProtected: boolean;
  deleteBeforeReplace: boolean;
  additionalSecretOutputs: string[];
}

let registered: Registered[] = [];

beforeEach(async () => {
  registered = [];
  const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => ({
    id: `${name}-id`,
    state: { ...(inputs as Values), ...computed(type, name, inputs as Values) },
  });
  const call = ({ inputs }: pulumi.runtime.MockCallArgs) => inputs as Values;
  await pulumi.runtime.setMocks({ newResource, call }, "mtls-lab", "test");
  record(pulumi.runtime.getMonitor() as unknown as MockMonitor);
});

// The mocks above are told neither the parent nor the options.
function record(monitor: MockMonitor): void {
  const register = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request: RegisterResourceRequest, reply) => {
    registered.push({
      type: request.getType(),
      name: request.getName(),
      parent: nameIn(request.getParent()),
      inputs: request.getObject()!.toJavaScript(),
      isProtected: request.getProtect() ?? false,
      deleteBeforeReplace: request.getDeletebeforereplace(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    });
    return register(request, reply);
  };
  monitor.registerResourceOutputs = (request: RegisterResourceOutputsRequest, reply) => {
    inspect(nameIn(request.getUrn())).outputs = request.getOutputs()!.toJavaScript();
    registerOutputs(request, reply);
  };
}

/** What a provider would compute: text that names its origin. */
function computed(type: string, name: string, inputs: Values): Values {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { publicKeyPem: `<public ${name}>`, privateKeyPemPkcs8: `<private ${name}>` };
    case "mtls:index:Certificate":
      return {
        certPem: `<${name}>`,
        serialNumber: `<serial ${name}>`,
        notAfter: `<end ${name}>`,
        fingerprintSha256: `<fingerprint ${name}>`,
      };
    case "mtls:index:CaCertificate":
      return {
        certPem: `<${name}>`,
        serialNumber: `<serial ${name}>`,
        notAfter: `<end ${name}>`,
        subject: `<subject ${name}>`,
        crlNextUpdate: `<next update ${name}>`,
      };
    case "mtls:index:CertificateRequest":
      return { requestPem: `<${name}>` };
    case "mtls:index:ClientCredentials":
      return fleetOf(inputs.clients as (string | { name: string })[]);
    case "mtls:index:RevocationList":
      return { crlPem: `<${name}>`, nextUpdate: `<next update ${name}>` };
    case "mtls:index:Pkcs12":
      return { contentBase64: `<${name}>`, password: `<password ${name}>` };
    case "mtls:index:SiteFiles":
      return { version: `<version ${name}>`, directoryIdentity: `<identity ${name}>`, revisions: revisionsOf(inputs) };
    case "mtls:index:SiteUpload":
      return { uploaded: `<uploaded ${name}>` };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: `<id ${name}>`, repoDigest: `${inputs.name as string}`.includes("@") ? inputs.name : "" };
    default:
      return {};
  }
}

/** What a provider would compute for the files of a site. */
function revisionsOf({ files }: Values): Values {
  const { value } = files as { value: Values }; // a secret
  return Object.fromEntries(Object.keys(value).map((path) => [path, "v1-0"]));
}

/** What a provider would compute for the clients of a fleet. */
function fleetOf(clients: (string | { name: string })[]): Values {
  const names = clients.map((client) => (typeof client === "string" ? client : client.name));
  const ofEach = (parts: string[]) =>
    Object.fromEntries(
      names.map((name) => [name, Object.fromEntries(parts.map((part) => [part, `<${part} ${name}>`]))]),
    );
  return {
    certificates: ofEach(["certPem", "serialNumber", "notBefore", "notAfter", "fingerprintSha256", "issuedAt"]),
    credentials: ofEach(["privateKeyPem", "pkcs12Base64", "password"]),
  };
}

/** Calls a function that declares resources, and returns its result when all of them are registered. */
export async function declared<T>(declare: () => T | Promise<T>): Promise<T> {
  try {
    return await declare();
  } finally {
    await pulumi.runtime.disconnect();
  }
}

/** The sentence with which a declaration is refused: the user sees it against the resource, without a stack. */
export async function refusalOf(declare: () => unknown): Promise<string> {
  const error: unknown = await declared(declare).catch((refusal: unknown) => refusal);
  if (pulumi.ResourceError.isInstance(error) && error.hideStack) return error.message;
  throw new Error("it was not refused in one sentence", { cause: error });
}

/** Every resource as `Class name`, indented below its parent; siblings sorted. */
export function tree(parent = "", indent = ""): string[] {
  return registered
    .filter((resource) => resource.parent === parent)
    .map(({ type, name }) => ({ name, line: `${indent}${type.split(":").at(-1)} ${name}` }))
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .flatMap(({ name, line }) => [line, ...tree(name, `${indent}  `)]);
}

/** The one registered resource with this name. */
export function inspect(name: string): Registered {
  const found = registered.filter((resource) => resource.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** A value as it goes to the engine when it is secret. */
export function secret(value: unknown): Values {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

/** Waits for an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

function nameIn(urn: string): string {
  return urn.split("::").at(-1)!;
}
