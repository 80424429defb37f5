/** Clients that ask a site without a pause, and count what did not get a 200. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import https from "node:https";
import { setImmediate as turn } from "node:timers/promises";

/** The site, and where its clients find what they need: read anew for each connection, as by a client that is started anew. */
export interface Target {
  host: string;
  port: number;
  /**
   * Where it is. Of several one is asked after the other, as by a load balancer: a client that keeps its connection stays with one, and
   * where a connection is not made, or ends before a word of the server, the next is asked.
   *
   * @default ["127.0.0.1"]
   */
  addresses?: string[];
  /** Path of the root certificates that the clients trust. */
  rootCert: string;
  /** Folders with `chain.crt` and `client.key`. */
  clients: string[];
}

/** What the clients have met since they were last asked. */
export interface Tally {
  requests: number;
  /** Requests sent again, once, because the server had closed the idle connection that they were sent on. */
  retried: number;
  /** Connections that an address did not take, or ended without a word. */
  elsewhere: number;
  /** What did not get a 200: the status, or the error. */
  failures: string[];
  /** The longest wait for an answer, in milliseconds. */
  slowest: number;
}

/** What one address had to say. */
interface Answer {
  outcome: string;
  /** Whether it said anything. */
  isHeard: boolean;
}

const nothing = (): Tally => ({ requests: 0, retried: 0, elsewhere: 0, failures: [], slowest: 0 });

/** Makes connections as one client, one at a time. */
class FileAgent extends https.Agent {
  readonly #rootCert: string;
  readonly #client: string;

  constructor(rootCert: string, client: string, keepAlive: boolean) {
    super({ keepAlive, maxSockets: 1, maxCachedSessions: 0 });
    this.#rootCert = rootCert;
    this.#client = client;
  }

  override createConnection(...[options, callback]: Parameters<https.Agent["createConnection"]>) {
    const files = {
      ca: readFileSync(this.#rootCert),
      cert: readFileSync(`${this.#client}/chain.crt`),
      key: readFileSync(`${this.#client}/client.key`),
    };
    return super.createConnection({ ...options, ...files }, callback);
  }
}

/** A load of new connections and of connections that are kept alive. */
export class Load {
  #tally = nothing();
  #isStopped = false;
  readonly #target: Target;
  readonly #workers: Promise<void>[];

  /**
   * @param connections how many clients make a connection for each request, and how many keep theirs.
   */
  constructor(target: Target, connections: { anew: number; kept: number }) {
    this.#target = target;
    const { anew, kept } = connections;
    this.#workers = Array.from({ length: anew + kept }, (_, index) => {
      const agent = new FileAgent(target.rootCert, target.clients[index % target.clients.length]!, index >= anew);
      return this.#work(agent, index < anew).finally(() => agent.destroy());
    });
  }

  /** What happened since the last call. */
  tally(): Tally {
    const tally = this.#tally;
    this.#tally = nothing();
    return tally;
  }

  /** Requests since the last {@link tally}. */
  get requests(): number {
    return this.#tally.requests;
  }

  /** Sends no more, and waits for the last answers. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }

  async #work(agent: https.Agent, isAnew: boolean): Promise<void> {
    const addresses = [...(this.#target.addresses ?? ["127.0.0.1"])];
    while (!this.#isStopped) {
      const start = performance.now();
      let outcome = "";
      for (const address of [...addresses]) {
        const answer = await this.#answer(agent, address, true);
        outcome = answer.outcome;
        if (isAnew || !answer.isHeard) addresses.push(addresses.shift()!);
        if (answer.isHeard) break;
        this.#tally.elsewhere++;
      }
      this.#tally.slowest = Math.max(this.#tally.slowest, performance.now() - start);
      this.#tally.requests++;
      if (outcome !== "200") this.#tally.failures.push(outcome);
      await turn();
    }
  }

  async #answer(agent: https.Agent, address: string, mayRetry: boolean): Promise<Answer> {
    const { host, port } = this.#target;
    const headers = { host: `${host}:${port}` };
    let request: ClientRequest | undefined;
    try {
      request = https.get({ agent, host: address, port, servername: host, headers, path: "/whoami" });
      const [response] = (await once(request, "response")) as [IncomingMessage];
      await response.toArray();
      return { outcome: `${response.statusCode}`, isHeard: true };
    } catch (error) {
      // RFC 9112, section 9.3.1: an idempotent request on a connection that was closed meanwhile may be sent again.
      if (mayRetry && request?.reusedSocket) {
        this.#tally.retried++;
        return this.#answer(agent, address, false);
      }
      const outcome = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      return { outcome, isHeard: (request?.socket?.bytesRead ?? 0) > 0 };
    }
  }
}
