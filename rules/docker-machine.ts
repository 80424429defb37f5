/**
 * The machine of the Docker daemon that `DOCKER_HOST` names, as a host name or an address without brackets. Undefined: this one, by
 * a socket.
 */
export function dockerMachine(dockerHost: string | undefined = process.env.DOCKER_HOST): string | undefined {
  const [, host] = /^(?:tcp|https?|ssh):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(dockerHost ?? "") ?? [];
  return host?.replace(/^\[|\]$/g, "");
}

/** Whether a host can be nothing but the machine itself. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

/** An address at which this machine reaches a port that the daemon's machine publishes on `bindAddress`. */
export function publishedAddress(bindAddress: string, machine = dockerMachine()): string {
  if (bindAddress === "0.0.0.0") return machine ?? "127.0.0.1";
  if (bindAddress === "::") return machine ?? "::1";
  return bindAddress;
}
