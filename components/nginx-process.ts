/** How nginx is run, whatever runs it, and what it may not do. */
import { HEALTH_PORT } from "./nginx-conf.ts";

/** Where the site's files are for nginx: its versions, of which one is `current`. */
export const MOUNT_PATH = "/etc/nginx/site";
/** Where the version in force is. */
export const CURRENT_PATH = `${MOUNT_PATH}/current`;
/** Ports that nginx listens on in the container: an unprivileged process may not take lower ones. */
export const INNER_PORTS = { httpPort: 8080, httpsPort: 8443 };

const HEALTH_URL = `http://127.0.0.1:${HEALTH_PORT}/healthz`;

/** The process in the container. */
export const PROCESS = {
  entrypoint: ["nginx"],
  args: ["-p", `${CURRENT_PATH}/`, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"],
  /** nginx finishes open requests. */
  stopSignal: "SIGQUIT",
  /** Time for that, in seconds. */
  stopSeconds: 10,
  /** Debian's official image has curl, the small ones have busybox's wget. */
  healthTest: ["CMD-SHELL", `wget -q -O /dev/null ${HEALTH_URL} || curl -fs ${HEALTH_URL}`],
};

/** All that it may write: /tmp, in MB of 2^20 octets. */
export const TMP_MEGABYTES = 64;

/** Where its output goes: three files of 10 MB. */
export const LOG = { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } };
