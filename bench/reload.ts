/** Whether a request gets lost while a site changes: every change that the lab can make, under load. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { LiveLab } from "../tests/live-lab.ts";
import { Load, type Tally } from "../tests/load.ts";
import { type Report, round, table } from "./side.ts";

/** So many clients at a time; more only take the two cores from nginx and the engine. */
const CONNECTIONS = { anew: 4, kept: 8 };
/** A change is over for everybody when the old worker has ended (nginx's `worker_shutdown_timeout` is 8 s). */
const AFTERWARDS_MS = 1000;

/** A change of the site. */
interface Change {
  name: string;
  settings?: Record<string, unknown>;
  /** Files of the templates that are changed, from one text to another. */
  edit?: { path: string; from: string; to: string };
  /** The change is refused, and the site stays as it was. */
  isRefused?: true;
}

const CLIENTS = ["alice", "bob"];

/** What a site goes through in its life, each from the one before; settings stay. */
const CHANGES: Change[] = [
  { name: "nothing" },
  { name: "server certificate renewed", settings: { serverValidityHours: 8000 } },
  { name: "a client added", settings: { clients: [...CLIENTS, "carol"] } },
  { name: "that client revoked", settings: { revoked: { carol: "keyCompromise" } } },
  { name: "a page changed", edit: { path: "pages/index.html.mustache", from: "<main>", to: "<main><!-- new -->" } },
  { name: "nginx.conf changed", edit: { path: "nginx.conf.mustache", from: "64k;", to: "65k;" } },
  {
    name: "nginx.conf that nginx refuses",
    edit: { path: "nginx.conf.mustache", from: "65k;", to: "65 nonsense;" },
    isRefused: true,
  },
  { name: "put right", edit: { path: "nginx.conf.mustache", from: "65 nonsense;", to: "64k;" } },
  { name: "rollover 1: two roots trusted", settings: { trustedRoots: [1, 2] } },
  { name: "rollover 2: the new root issues", settings: { issuingRoot: 2 } },
  { name: "rollover 3: the old root dropped", settings: { trustedRoots: [2] } },
];

/** One change as it was met by the clients. */
interface Measured extends Tally {
  name: string;
  /** Seconds of the `up`. */
  up: number;
}

/**
 * Goes through {@link CHANGES} under load.
 *
 * @param requests at least so many in all.
 */
export async function reload({ requests }: { requests: number }): Promise<Report> {
  const lab = new LiveLab("reload");
  await lab.open();
  try {
    await lab.up();
    const clients = CLIENTS.map((name) => lab.file(`clients/${name}`));
    const target = { host: lab.host, port: lab.httpsPort, rootCert: lab.file("root.crt"), clients };
    const load = new Load(target, CONNECTIONS);
    const measured: Measured[] = [];
    try {
      let settings = {};
      for (const change of CHANGES) {
        settings = { ...settings, ...change.settings };
        lab.configure(settings);
        measured.push(await measure(lab, load, change, requests / CHANGES.length));
      }
    } finally {
      await load.stop();
    }
    return report(measured);
  } finally {
    await lab.remove();
  }
}

async function measure(lab: LiveLab, load: Load, change: Change, atLeast: number): Promise<Measured> {
  const { name, edit, isRefused = false } = change;
  if (edit) editTemplate(join(lab.root, "templates", edit.path), edit);

  const start = performance.now();
  const { status, stdout, stderr } = await lab.lab("up");
  if ((status !== 0) !== isRefused) throw new Error(`${name}: up ended with ${status}\n${stdout}${stderr}`);
  const up = round((performance.now() - start) / 1000);

  const until = performance.now() + AFTERWARDS_MS;
  while (performance.now() < until || load.requests < atLeast) await sleep(50);
  const tally = load.tally();
  process.stderr.write(`${name}: ${tally.requests} requests, ${tally.failures.length} failed\n`);
  return { name, up, ...tally };
}

function editTemplate(path: string, { from, to }: { from: string; to: string }): void {
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}

function report(changes: Measured[]): Report {
  const total = (value: (change: Measured) => number) => changes.reduce((sum, change) => sum + value(change), 0);
  const [requests, failed] = [total((change) => change.requests), total((change) => change.failures.length)];
  const rows = changes.map(({ name, up, requests: sent, failures, retried, slowest }) =>
    [name, up.toFixed(1), sent, failures.length, retried, Math.round(slowest)].map(String),
  );
  const reasons = changes.flatMap(({ name, failures }) => [...new Set(failures)].map((reason) => `${name}: ${reason}`));
  const markdown = [
    `${requests} requests, ${failed} failed. ${CONNECTIONS.anew} clients with a connection for each request, ` +
      `${CONNECTIONS.kept} that keep theirs and send again, once, what met a closed one.`,
    "",
    ...table(["change", "up (s)", "requests", "failed", "sent again", "slowest (ms)"], rows),
    ...(reasons.length > 0 ? ["", ...reasons] : []),
  ];
  return {
    json: { requests, failed, changes },
    markdown: markdown.join("\n"),
    failed: failed > 0 ? "requests failed" : undefined,
  };
}
