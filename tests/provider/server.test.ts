import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";

import type { Properties } from "../../provider/resource-type.ts";
import { verifyStrictly } from "../openssl.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { keyPair } from "./keys.ts";
import { linesOf, type Plugin, PROGRAM, startPlugin, struct } from "./plugin.ts";

const { Kind } = proto.PropertyDiff;
const urn = (type: string) => `urn:pulumi:dev::mtls-lab::mtls:index:RootCA$mtls:index:${type}::root-cert`;
const { publicKeyPem, privateKeyPem } = keyPair();
const INPUTS: Properties = {
  subject: { commonName: "Root" },
  publicKeyPem,
  issuerPrivateKeyPem: privateKeyPem,
  isCa: true,
  maxPathLength: 0,
  keyUsages: ["keyCertSign", "cRLSign"],
  extendedKeyUsages: [],
  dnsNames: ["b.test", "a.test"],
  ipAddresses: [],
  notBefore: "-5m",
  validityPeriodHours: 24,
  earlyRenewalHours: 0,
};

let plugin: Plugin;

beforeAll(async () => {
  plugin = await startPlugin();
});

afterAll(async () => {
  await plugin.stop();
});

async function check(inputs: Properties, type = "Certificate") {
  const request = new proto.CheckRequest().setUrn(urn(type)).setNews(struct(inputs));
  const response = await plugin.call<InstanceType<typeof proto.CheckResponse>>("check", request);
  return {
    inputs: response.getInputs()!.toJavaScript(),
    failures: response.getFailuresList().map((failure) => `${failure.getProperty()} ${failure.getReason()}`),
  };
}

async function create(inputs: Properties, type = "Certificate", preview = false) {
  const request = new proto.CreateRequest().setUrn(urn(type)).setProperties(struct(inputs)).setPreview(preview);
  const response = await plugin.call<InstanceType<typeof proto.CreateResponse>>("create", request);
  return { id: response.getId(), outputs: response.getProperties()!.toJavaScript() };
}

async function diff(id: string, olds: Properties, outputs: Properties, news: Properties, type = "Certificate") {
  const request = new proto.DiffRequest().setId(id).setUrn(urn(type));
  request.setOldInputs(struct(olds)).setOlds(struct(outputs)).setNews(struct(news));
  const response = await plugin.call<InstanceType<typeof proto.DiffResponse>>("diff", request);
  return {
    changes: response.getChanges(),
    replaces: response.getReplacesList(),
    diffs: response.getDiffsList(),
    details: response
      .getDetaileddiffMap()
      .getEntryList()
      .map(([property]) => {
        const detail = response.getDetaileddiffMap().get(property)!;
        return [property, detail.getKind(), ...(detail.getInputdiff() ? ["of inputs"] : [])];
      }),
  };
}

/** The words of a call that fails. */
function failureOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "it did not fail",
    (error: ServiceError) => error.details,
  );
}

describe("the plugin", () => {
  it("prints the port it listens on, and nothing else", async () => {
    await plugin.call("getPluginInfo", new emptyProto.Empty());

    expect(plugin.lines).toEqual([expect.stringMatching(/^\d+$/)]);
  });

  it("has a schema, and lets the engine keep the secrets", async () => {
    const schema = await plugin.call<InstanceType<typeof proto.GetSchemaResponse>>(
      "getSchema",
      new proto.GetSchemaRequest(),
    );
    const configured = await plugin.call<InstanceType<typeof proto.ConfigureResponse>>(
      "configure",
      new proto.ConfigureRequest(),
    );

    expect(JSON.parse(schema.getSchema())).toEqual({ name: "mtls", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect([configured.getAcceptsecrets(), configured.getSupportspreview()]).toEqual([false, true]);
  });

  it("takes a certificate through its life", async () => {
    const checked = await check(INPUTS);
    expect(checked).toEqual({ inputs: { ...INPUTS, dnsNames: ["a.test", "b.test"] }, failures: [] });

    const { inputs } = checked;
    const { id, outputs } = await create(inputs);
    expect(id).toBe(outputs.serialNumber);
    expect(verifyStrictly(outputs.certPem as string, [outputs.certPem as string])).toBe("leaf: OK\n");

    const { DiffChanges } = proto.DiffResponse;
    const none = { changes: DiffChanges.DIFF_NONE, replaces: [], diffs: [], details: [] };
    expect(await diff(id, inputs, outputs, inputs)).toEqual(none);
    expect(await diff(id, inputs, outputs, { ...inputs, earlyRenewalHours: 1 })).toEqual({
      changes: DiffChanges.DIFF_SOME,
      replaces: [],
      diffs: ["earlyRenewalHours"],
      details: [["earlyRenewalHours", Kind.UPDATE, "of inputs"]],
    });
    expect(await diff(id, inputs, outputs, { ...inputs, maxPathLength: 1 })).toEqual({
      changes: DiffChanges.DIFF_SOME,
      replaces: ["maxPathLength"],
      diffs: ["maxPathLength"],
      details: [["maxPathLength", Kind.UPDATE_REPLACE, "of inputs"]],
    });

    for (const preview of [true, false]) {
      const request = new proto.UpdateRequest().setId(id).setUrn(urn("Certificate")).setPreview(preview);
      request
        .setOldInputs(struct(inputs))
        .setOlds(struct(outputs))
        .setNews(struct({ ...inputs, earlyRenewalHours: 1 }));
      const update = await plugin.call<InstanceType<typeof proto.UpdateResponse>>("update", request);
      expect(update.getProperties()!.toJavaScript()).toEqual(outputs);
    }

    const state = new proto.ReadRequest().setId(id).setUrn(urn("Certificate"));
    state.setInputs(struct(inputs)).setProperties(struct(outputs));
    const read = await plugin.call<InstanceType<typeof proto.ReadResponse>>("read", state);
    expect([read.getId(), read.getInputs()!.toJavaScript(), read.getProperties()!.toJavaScript()]).toEqual([
      id,
      inputs,
      outputs,
    ]);

    const gone = new proto.DeleteRequest().setId(id).setUrn(urn("Certificate")).setProperties(struct(outputs));
    await plugin.call("delete", gone);
  });

  it("tells apart what comes, what goes and what changes, and what is no input", async () => {
    const facts = { notAfter: "2000-01-01T00:00:00.000Z", issuedAt: "1999-01-01T00:00:00.000Z", certPem: "<cert>" };
    const outputs = { certificates: { alice: facts, bob: facts }, credentials: { alice: {}, bob: {} } };
    const { inputs } = await check(INPUTS);
    const [olds, news] = [
      { alice: {}, bob: {} },
      { bob: {}, "carol.test": {} },
    ].map((clients) => ({ ...inputs, clients }));

    expect((await diff("1", olds!, outputs, news!, "ClientCredentials")).details).toEqual([
      ["clients.alice", Kind.DELETE, "of inputs"],
      ["clients.bob", Kind.UPDATE, "of inputs"],
      ['clients["carol.test"]', Kind.ADD, "of inputs"],
    ]);
    const ended = { ...facts, serialNumber: "01" };
    expect((await diff("1", inputs, ended, inputs)).details).toEqual([["notAfter", Kind.UPDATE_REPLACE]]);
  });

  it("answers a check with every problem and its property", async () => {
    expect((await check({ ...INPUTS, subject: { commonName: "" }, ipAddresses: ["x"] })).failures).toEqual([
      "subject.commonName must have 1 to 64 characters, got ''",
      "ipAddresses[0] must be an IPv4 or IPv6 address, got 'x'",
    ]);
  });

  it("makes nothing in a preview", async () => {
    const directory = join(temporaryFolder(), "lab");
    const inputs = { directory, files: { key: { content: "x", mode: "0600" } } };

    expect(await create(inputs, "CredentialFiles", true)).toEqual({ id: "", outputs: {} });
    expect(existsSync(directory)).toBe(false);

    await create(inputs, "CredentialFiles");
    expect(existsSync(join(directory, "key"))).toBe(true);
  });

  it("fails in one sentence, without a stack, and goes on", async () => {
    expect(await failureOf(create({ ...INPUTS, issuerPrivateKeyPem: keyPair().privateKeyPem }))).toBe(
      "the certificate does not say what was asked: its signature does not verify with the issuer's public key",
    );
    expect((await create(INPUTS)).id).toMatch(/^[\dA-F]{32}$/);
  });

  it("says what it has when it is asked for what it has not", async () => {
    expect(await failureOf(create({}, "Nonsense"))).toBe(
      "mtls has no resource type mtls:index:Nonsense: it has mtls:index:CaCertificate, mtls:index:Certificate, " +
        "mtls:index:CertificateRequest, mtls:index:ClientCredentials, mtls:index:CredentialFiles, mtls:index:DockerNetwork, " +
        "mtls:index:Pkcs12, mtls:index:RevocationList, mtls:index:SiteFiles, mtls:index:SiteReload, mtls:index:SiteRollout, " +
        "mtls:index:SiteUpload",
    );
  });
});

describe("the plugin's process", () => {
  it("ends when the engine that started it was killed", async () => {
    // The shell stands for the engine. Both write to one pipe, which is closed when both have ended.
    const engine = spawn("sh", ["-c", '"$0" & wait', PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
    await linesOf(engine);

    engine.kill("SIGKILL");
    await once(engine, "exit");
    await once(engine, "close");
  });

  it("keeps its compiled code for the next start when the engine ends it", async () => {
    const cache = temporaryFolder();
    const plugin = spawn(PROGRAM, {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await linesOf(plugin);

    plugin.kill("SIGINT");
    expect(await once(plugin, "exit")).toEqual([0, null]);
    const [version] = readdirSync(cache);
    expect(readdirSync(join(cache, version!)).length).toBeGreaterThan(100);
  });
});
