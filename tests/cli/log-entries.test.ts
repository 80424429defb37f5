import { describe, expect, it } from "@jest/globals";

import { entryOf, inOrder, type LogEntry, type LogMessages } from "../../cli/log-entries.ts";
import { readTemplate } from "../../components/template-files.ts";
import { verifyErrors } from "../../components/verify-errors.ts";

const time = "2030-01-31T12:00:00.000000001Z";
const stdout = (text: string) => entryOf({ time, stream: "stdout", text });
const stderr = (text: string) => entryOf({ time, stream: "stderr", text });

const { statuses, messages, upstreamHandshake, reasons, alerts, otherAlert } = JSON.parse(
  readTemplate("log-messages.json"),
) as LogMessages;

/** A line of nginx's error log about a connection. */
const errorLine = (message: string, fields = ", client: 192.0.2.1, server: 0.0.0.0:8443") =>
  `2030/01/31 12:00:00 [info] 8#8: *5 ${message}${fields}`;

describe("a line of the access log", () => {
  const fields = { time: "2030-01-31T12:00:00+00:00", client: "192.0.2.1", request: "GET / HTTP/1.1", status: 200 };
  const accessed = (verify: string, status = 200) =>
    stdout(JSON.stringify({ ...fields, status, verify, subject: "CN=a", protocol: "TLSv1.3", other: "x" }));

  it("in JSON is an entry with its fields and Docker's time", () => {
    expect(JSON.stringify(accessed("SUCCESS"))).toBe(
      `{"time":"${time}","log":"access","client":"192.0.2.1","request":"GET / HTTP/1.1","status":200,` +
        '"verify":"SUCCESS","subject":"CN=a","protocol":"TLSv1.3","other":"x"}',
    );
  });

  it("in the other format is none: it says the same", () => {
    const line = '192.0.2.1 - - [31/Jan/2030:12:00:00 +0000] "GET / HTTP/1.1" 200 336 "-" "curl" "TLSv1.3" "-"';
    expect(stdout(line)).toBeUndefined();
  });

  it("has cause and cure if the client got in with a certificate that failed: the error log has no word of it", () => {
    const { text, cause, cure } = verifyErrors().errors.find(({ code }) => code === 20)!;
    expect(accessed(`FAILED:${text}`)).toMatchObject({ cause, cure });
    expect(accessed("FAILED:something new")).toMatchObject(verifyErrors().other);
  });

  it.each(Object.entries(statuses))("has cause and cure with status %s", (status, advice) => {
    expect(accessed("SUCCESS", Number(status))).toMatchObject(advice);
  });

  it.each([
    ["SUCCESS", 200],
    ["NONE", 200],
    ["", 301],
    ["FAILED:certificate has expired", 400],
  ])("has neither with verify '%s' and status %i", (verify, status) => {
    expect(accessed(verify, status)).not.toHaveProperty("cause");
  });

  it.each(['{"time":"2030-01-31T', '{"hello":"world"}', "{}", "started"])(
    "that is something else is shown: %s",
    (text) => {
      expect(stdout(text)).toEqual({ time, log: "output", message: text });
    },
  );
});

describe("a line of the error log", () => {
  it("is an entry of its level, words and fields", () => {
    const fields =
      ', client: 192.0.2.1, server: lab.localhost, request: "GET /", x: "y HTTP/1.1", upstream: "http://a/", host: "b"';
    expect(stderr(errorLine("something happened while reading, or writing", fields))).toEqual({
      time,
      log: "error",
      level: "info",
      message: "something happened while reading, or writing",
      client: "192.0.2.1",
      server: "lab.localhost",
      request: 'GET /", x: "y HTTP/1.1',
      upstream: "http://a/",
      host: "b",
    });
  });

  it("of nginx itself has no fields", () => {
    expect(stderr('2030/01/31 12:00:00 [emerg] 1#1: unknown directive "x" in /etc/nginx/nginx.conf:1')).toEqual({
      time,
      log: "error",
      level: "emerg",
      message: 'unknown directive "x" in /etc/nginx/nginx.conf:1',
    });
  });

  it("is none where a client ends a connection that it had kept", () => {
    expect(stderr(errorLine("client 127.0.0.1 closed keepalive connection", ""))).toBeUndefined();
  });

  it("that is not nginx's is shown", () => {
    expect(stderr("nginx: something")).toEqual({ time, log: "output", message: "nginx: something" });
  });

  it.each(verifyErrors().errors)("with verify error $code has its meaning", ({ code, text, name, cause, cure }) => {
    const message = `client SSL certificate verify error: (${code}:${text}) while reading client request headers`;
    expect(stderr(errorLine(message))).toMatchObject({ message, code, name, cause, cure });
  });

  it("with a verify error that is not known says where to look", () => {
    const entry = stderr(
      errorLine("client SSL certificate verify error: (999:odd) while reading client request headers"),
    );
    expect(entry).toMatchObject({ code: 999, ...verifyErrors().other });
    expect(entry).not.toHaveProperty("name");
  });

  it("with an alert that is not known says where to look", () => {
    const message =
      "SSL_do_handshake() failed (SSL: error:0A0004E7:SSL routines::odd:SSL alert number 255) while SSL handshaking";
    expect(stderr(errorLine(message))).toMatchObject({ alert: 255, ...otherAlert });
  });

  it("of OpenSSL before 3.0, which names its function, has the same meaning", () => {
    const message =
      "SSL_do_handshake() failed (SSL: error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking";
    expect(stderr(errorLine(message))).toMatchObject({ alert: 48, name: "unknown_ca" });
  });

  it("has no meaning that a client has put there", () => {
    const request = "GET /client SSL certificate verify error: (20:x) HTTP/1.1";
    const fields = `, client: 192.0.2.1, server: lab.localhost, request: "${request}"`;
    expect(stderr(errorLine('open() "/x" failed', fields))).not.toHaveProperty("cause");
  });
});

describe("templates/log-messages.json", () => {
  const all = Object.entries({
    ...statuses,
    ...messages,
    ...reasons,
    ...alerts,
    "any other alert": otherAlert,
    upstreamHandshake,
  });

  it.each(all)("says the cause and the cure of '%s' in whole sentences", (_, { cause, cure }) => {
    expect([cause, cure]).toEqual([expect.stringMatching(/^[A-Z].+\.$/), expect.stringMatching(/^[A-Z].+\.$/)]);
  });
});

describe("the order of entries", () => {
  const at = (nanoseconds: string, log: LogEntry["log"]) =>
    ({ time: `2030-01-31T12:00:00.${nanoseconds}Z`, log, message: nanoseconds }) as LogEntry;
  const orderOf = (entries: LogEntry[]) => inOrder(entries).map(({ time, log }) => `${log} ${time.slice(20, -1)}`);

  it("is that of time, to the microsecond", () => {
    expect(orderOf([at("000002000", "error"), at("000001000", "error"), at("000000100", "output")])).toEqual([
      "output 000000100",
      "error 000001000",
      "error 000002000",
    ]);
  });

  it("has an error before the request that it is of, though Docker read it a little later", () => {
    expect(orderOf([at("742319096", "access"), at("742386071", "error"), at("750000000", "error")])).toEqual([
      "error 742386071",
      "access 742319096",
      "error 750000000",
    ]);
  });
});
