/** What nginx writes, line by line, as entries that say what they mean. Pure. */
import { readTemplate } from "../components/template-files.ts";
import { type VerifyAdvice, verifyErrors } from "../components/verify-errors.ts";

/** A line of a container's output. */
export interface LogLine {
  /** When Docker read it: ISO 8601 in UTC, with nanoseconds. */
  time: string;
  stream: "stdout" | "stderr";
  text: string;
}

/** What `logs --json` prints a line of. */
export type LogEntry = RequestEntry | ErrorEntry | OutputEntry;

/** A request, with the fields of the access log's JSON (`templates/nginx/logs.mustache`). */
export interface RequestEntry extends Partial<VerifyAdvice> {
  time: string;
  log: "access";
  request: string;
  status: number;
  client: string;
  /** nginx's `$ssl_client_verify`; empty without TLS. */
  verify: string;
  subject: string;
  protocol: string;
}

/** A line of nginx's error log, and what it means where that is known. */
export interface ErrorEntry extends Partial<VerifyAdvice> {
  time: string;
  log: "error";
  /** nginx's word, for example `info`. */
  level: string;
  /** nginx's words, without the fields below. */
  message: string;
  client?: string;
  server?: string;
  request?: string;
  upstream?: string;
  host?: string;
  /** OpenSSL's number of a verify error: X509_STORE_CTX_get_error(3). */
  code?: number;
  /** Number of the alert that the client has sent (RFC 8446, 6). */
  alert?: number;
  /** Name of the verify error or of the alert. */
  name?: string;
  /** nginx's own status, of which the client sees 400. */
  status?: number;
}

/** Any other line, as of an image's start script. */
export interface OutputEntry {
  time: string;
  log: "output";
  message: string;
}

/** What `templates/log-messages.json` holds. */
export interface LogMessages {
  /** By the status of a request that the error log has no word of. */
  statuses: Record<string, VerifyAdvice>;
  /** By the first words of nginx's message, which may stand behind a name. */
  messages: Record<string, VerifyAdvice & { status?: number }>;
  /** A handshake with a service behind the site. */
  upstreamHandshake: VerifyAdvice;
  /** By OpenSSL's reason for a handshake that the server has ended. */
  reasons: Record<string, VerifyAdvice>;
  /** By the number of the alert with which the client has ended it. */
  alerts: Record<string, VerifyAdvice & { name: string }>;
  otherAlert: VerifyAdvice;
}

const { statuses, messages, upstreamHandshake, reasons, alerts, otherAlert } = JSON.parse(
  readTemplate("log-messages.json"),
) as LogMessages;
const { errors, other } = verifyErrors();

const ERROR_LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)$/s;
/** What nginx puts behind its words; those in quotes are the client's and may hold anything but the next one's name. */
const FIELDS = {
  client: /, client: ([^,]*)/,
  server: /, client: .*?, server: ([^,]*)/s,
  request: /, request: "(.*?)"(?=$|, (?:subrequest|upstream|host|referrer): ")/s,
  upstream: /, upstream: "(.*?)"(?=$|, (?:host|referrer): ")/s,
  host: /, host: "(.*?)"(?=$|, referrer: ")/s,
};
/** The other format of the access log, of the same request. */
const TWIN = /^\S+ - .* \[[^\]]+\] ".*" \d{3} \d+ ".*" ".*" ".*" ".*"$/s;
const VERIFY_ERROR = /^client SSL certificate verify error: \((\d+):/;
/** With OpenSSL's reason and, where the client has ended the handshake, the number of its alert. */
const HANDSHAKE_ERROR = /^SSL_\w+\(\) failed \(SSL: \w+:\w+:[^:]*:[^:]*:([^:)]+)(?::SSL alert number (\d+))?\)/;
/** Each client that keeps a connection closes it at last, and so does each health check. */
const NOTHING_HAPPENED = /^client \S+ closed keepalive connection/;

/** The entry that a line is. Undefined: another line says the same, or it says that nothing happened. */
export function entryOf({ time, stream, text }: LogLine): LogEntry | undefined {
  if (stream === "stdout") {
    const fields = jsonObject(text);
    if (fields && "request" in fields && "status" in fields) return requestEntry(time, fields as RequestEntry);
    return TWIN.test(text) ? undefined : { time, log: "output", message: text };
  }
  const [, level, rest] = ERROR_LINE.exec(text) ?? [];
  if (level === undefined || rest === undefined) return { time, log: "output", message: text };
  if (NOTHING_HAPPENED.test(rest)) return undefined;
  const found = Object.entries(FIELDS).flatMap(([name, pattern]) => {
    const value = pattern.exec(rest)?.[1];
    return value ? [[name, value] as const] : [];
  });
  const message = rest.replace(/, client: .*$/s, "");
  const fields: Partial<ErrorEntry> = Object.fromEntries(found);
  return { time, log: "error", level, message, ...fields, ...meaningOf(message) };
}

function requestEntry(time: string, fields: RequestEntry): RequestEntry {
  // Time and kind come first, as in the other entries; Docker's time is more exact than nginx's.
  const own = { time, log: "access" as const };
  return Object.assign({ ...own }, fields, own, statuses[fields.status] ?? toleratedError(fields));
}

/** What is wrong with a certificate that is let in nevertheless (`optional_no_ca`): the error log has no word of it. */
function toleratedError({ verify, status }: RequestEntry): Partial<VerifyAdvice> {
  const words = /^FAILED:(.*)$/.exec(verify)?.[1];
  if (words === undefined || status === 400) return {};
  const { cause, cure } = errors.find(({ text, olderText }) => words === text || words === olderText) ?? other;
  return { cause, cure };
}

/** What is known of a message of nginx. */
function meaningOf(message: string): Partial<ErrorEntry> {
  const code = Number(VERIFY_ERROR.exec(message)?.[1]);
  if (code) {
    const known = errors.find((error) => error.code === code);
    return known ? { code, name: known.name, cause: known.cause, cure: known.cure } : { code, ...other };
  }
  const [failed, reason = "", alert] = HANDSHAKE_ERROR.exec(message) ?? [];
  if (failed !== undefined && message.endsWith(" to upstream")) return upstreamHandshake;
  if (alert !== undefined) return { alert: Number(alert), ...(alerts[alert] ?? otherAlert) };
  const behindName = message.replace(/^\S+ /, "");
  const [, meaning] =
    Object.entries(messages).find(([words]) => message.startsWith(words) || behindName.startsWith(words)) ?? [];
  return meaning ?? reasons[reason] ?? {};
}

/**
 * Docker reads nginx's two streams apart, and so the error of a request may seem to come after the request: by less
 * than this.
 */
const LAG_MS = 2;

/** Entries by their time, an error before the request that it is of. */
export function inOrder(entries: LogEntry[]): LogEntry[] {
  const moment = ({ time, log }: LogEntry) =>
    Date.parse(time) + Number(time.slice(23, -1)) / 1e6 + (log === "access" ? LAG_MS : 0);
  return entries.toSorted((a, b) => moment(a) - moment(b));
}

function jsonObject(text: string): object | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined; // of no access log
  }
}
