import { describe, expect, it } from "@jest/globals";

import type { LogEntry } from "../../cli/log-entries.ts";
import { asJson, asText, type Display } from "../../cli/log-text.ts";

const time = "2030-01-31T12:00:00.123456789Z";
const plain: Display = { paint: (_, text) => text, width: Infinity };
const marked: Display = { ...plain, paint: (style, text) => `<${style} ${text}>` };

const request = (fields: Partial<Extract<LogEntry, { log: "access" }>>): LogEntry => ({
  time,
  log: "access",
  request: "GET /whoami HTTP/1.1",
  status: 200,
  client: "192.0.2.1",
  verify: "SUCCESS",
  subject: "CN=alice",
  protocol: "TLSv1.3",
  ...fields,
});
const error = (fields: Partial<Extract<LogEntry, { log: "error" }>>): LogEntry => ({
  time,
  log: "error",
  level: "info",
  message: "something happened",
  ...fields,
});

describe("an entry as text", () => {
  it.each<[string, LogEntry, string]>([
    ["a request", request({}), "200  GET /whoami  CN=alice  TLSv1.3  192.0.2.1"],
    [
      "one without a certificate",
      request({ verify: "NONE", status: 400 }),
      "400  GET /whoami  no certificate  TLSv1.3  192.0.2.1",
    ],
    [
      "one with a bad certificate",
      request({ verify: "FAILED:certificate has expired", status: 400 }),
      "400  GET /whoami  CN=alice (FAILED:certificate has expired)  TLSv1.3  192.0.2.1",
    ],
    [
      "one without TLS",
      request({ verify: "", subject: "", protocol: "", status: 301 }),
      "301  GET /whoami  no TLS  192.0.2.1",
    ],
    ["none at all", request({ request: "", status: 400 }), "400  no request  CN=alice  TLSv1.3  192.0.2.1"],
    ["an error", error({}), "info  something happened"],
    ["one of a connection", error({ client: "192.0.2.1" }), "info  something happened  192.0.2.1"],
    [
      "one of a request, with its meaning",
      error({ client: "192.0.2.1", request: "GET / HTTP/1.1", cause: "Because.", cure: "Do." }),
      "info  something happened  GET /  192.0.2.1\n    cause: Because.\n    cure:  Do.",
    ],
    ["another line", { time, log: "output", message: "started" }, "started"],
  ])("is a line, to the millisecond: %s", (_, entry, text) => {
    expect(asText(entry, plain)).toBe(`2030-01-31T12:00:00.123Z  ${text}`);
  });

  it("breaks its sentences where a terminal ends, between words", () => {
    const [, ...below] = asText(error({ cause: "one two three", cure: "ninetwelve" }), { ...plain, width: 18 }).split(
      "\n",
    );
    expect(below).toEqual(["    cause: one two", "           three", "    cure:  ninetwelve"]);
  });

  it.each<[string, LogEntry]>([
    ["green", request({})],
    ["cyan", request({ status: 301 })],
    ["yellow", request({ status: 421 })],
    ["red", request({ status: 502 })],
    ["dim", error({ level: "notice" })],
    ["yellow", error({ level: "warn" })],
    ["red", error({ level: "emerg" })],
  ])("is marked %s", (style, entry) => {
    const [, said] = asText(entry, marked).split("  ");
    expect(said).toBe(`<${style} ${entry.log === "access" ? entry.status : (entry as { level: string }).level}>`);
  });

  it.each<[string, LogEntry]>([
    ["the request", request({ request: "GET /\x1b[2J\r\n\u202e\u009b HTTP/1.1" })],
    ["the subject", request({ subject: "CN=\x1b[2J\r\n\u202e\u009b" })],
    ["the message", error({ message: "\x1b[2J\r\n\u202e\u009b" })],
    ["the error's request", error({ request: "\x1b[2J\r\n\u202e\u009b" })],
    ["other output", { time, log: "output", message: "\x1b[2J\r\n\u202e\u009b" }],
  ])("lets nobody write to the terminal by %s", (_, entry) => {
    const text = asText(entry, plain);
    expect(text).toContain(String.raw`\x{1b}[2J\x{d}\x{a}\x{202e}\x{9b}`);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("an entry as JSON", () => {
  it("is one line that says the same when it is read, and has nothing for a terminal in it", () => {
    const entry = request({ request: "GET /\x1b[2J\r\n\u202e\u009b\u{e0001}\u2028é HTTP/1.1" });
    const text = asJson(entry);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(text).toContain("é");
    expect(JSON.parse(text)).toEqual(entry);
  });
});
