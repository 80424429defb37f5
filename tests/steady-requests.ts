import { readFileSync } from "node:fs";

import { request } from "./http-client.ts";
import type { LiveLab } from "./live-lab.ts";

/** Where a client finds what it needs; read anew for each request, as by a client that is started anew. */
export interface ClientFiles {
  /** Folder with `chain.crt` and `client.key`. */
  folder: string;
  /** The root certificates that it trusts. */
  rootCert: string;
}

/** Asks the site again and again, on a new connection each time, and counts what did not get a 200. */
export class SteadyRequests {
  readonly failures: string[] = [];
  sent = 0;
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(lab: LiveLab, client: ClientFiles) {
    this.#ended = this.#ask(lab, client);
  }

  async #ask(lab: LiveLab, { folder, rootCert }: ClientFiles): Promise<void> {
    while (!this.#isStopped) {
      const read = (file: string) => readFileSync(file, "utf8");
      const [chainPem, privateKeyPem] = [read(`${folder}/chain.crt`), read(`${folder}/client.key`)];
      const identity = { certPem: chainPem, chainPem, privateKeyPem };
      const host = `${lab.host}:${lab.httpsPort}`;
      const tls = { ca: read(rootCert), servername: lab.host, identity };
      const outcome = await request({ port: lab.httpsPort, host, path: "/whoami", tls }).then(
        ({ status }) => `${status}`,
        (error: Error) => error.message,
      );
      this.sent++;
      if (outcome !== "200") this.failures.push(outcome);
    }
  }

  /** Sends no more, and waits for the last answer. */
  async stop(): Promise<this> {
    this.#isStopped = true;
    await this.#ended;
    return this;
  }
}
