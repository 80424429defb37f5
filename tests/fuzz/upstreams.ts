import fc from "fast-check";

import type { LeafCert } from "../../components/leaf-cert.ts";
import type { Upstream } from "../../components/upstream.ts";
import { dnsName, sitePath } from "./names.ts";

/** Names in a network of Docker. */
export const SERVICES = ["app", "api-1.internal", "app_1", "xn--bcher-kva.test", "host.docker.internal"];

const host = fc.oneof(
  fc.constantFrom(...SERVICES),
  fc.constantFrom("192.0.2.1", "[2001:db8::1]", "[fd00:0::5]"),
  fc.ipV4().filter((address) => !/^(127\.|0\.0\.0\.0$)/.test(address)),
  fc
    .ipV6()
    .map((address) => `[${address.toLowerCase()}]`)
    .filter((address) => !/^\[::1?\]$/.test(new URL(`http://${address}`).hostname)),
);

const url = fc
  .record({
    scheme: fc.constantFrom("http", "https"),
    host,
    port: fc.option(fc.integer({ min: 1, max: 65_535 })),
    path: fc.option(sitePath),
  })
  .map(({ scheme, host, port, path }) => `${scheme}://${host}${port === null ? "" : `:${port}`}${path ?? ""}`);

/** Services of every kind. What only TLS needs is left out without it. */
export const upstream: fc.Arbitrary<Upstream> = fc
  .tuple(
    fc.record(
      {
        url,
        host: fc.tuple(dnsName, fc.constantFrom("", ":80")).map((parts) => parts.join("")),
        webSocket: fc.boolean(),
        keepAlive: fc.integer({ min: 0, max: 1000 }),
        timeoutSeconds: fc.integer({ min: 1, max: 86_400 }),
        maxBodySize: fc.tuple(fc.nat(999), fc.constantFrom("", "k", "m", "g")).map((parts) => parts.join("")),
      },
      { requiredKeys: ["url"] },
    ),
    fc.record({ serverName: dnsName, caCertificates: fc.constant("PEM") }),
    fc.record({ clientCert: fc.constant({} as LeafCert) }, { requiredKeys: [] }),
  )
  .map(([service, tls, mutual]) => (service.url.startsWith("https:") ? { ...service, ...tls, ...mutual } : service));
