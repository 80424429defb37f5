import type { NginxConfView } from "../components/nginx-conf.ts";

/** A site as the lab's default stack has it; what a test is about, it changes. */
export const DEV_VIEW: NginxConfView = {
  serverNames: ["lab.localhost", "*.lab.localhost"],
  ipAddresses: ["127.0.0.1", "::1"],
  httpPort: 8080,
  httpsPort: 8443,
  publicHttpsPort: 8443,
  verifyClient: "on",
  verifyDepth: 1,
  checksRevocation: false,
  tlsPolicy: "intermediate",
  http2: false,
};
