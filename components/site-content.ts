import * as pulumi from "@pulumi/pulumi";

import type { FileArgs } from "../resources/file.ts";
import { type Issuer, rootOf } from "./issuer.ts";
import { renderNginxConf, type NginxConfView } from "./nginx-conf.ts";
import { renderPages } from "./pages.ts";
import type { ServerCert } from "./server-cert.ts";

/** The files of one version of a site: configuration, certificates and pages. */
export function siteContent(
  view: NginxConfView,
  serverCert: ServerCert,
  clientIssuers: Issuer[],
  crlPem: pulumi.Output<string> | undefined,
): Record<string, FileArgs> {
  const roots = [...new Set(clientIssuers.map(rootOf))];
  const trustAnchors = roots.map(({ subject }) => subject.commonName);
  const pages = Object.entries(renderPages({ ...view, trustAnchors })).map(([path, content]) => [
    `pages/${path}`,
    { content, mode: "0644" },
  ]);
  return {
    "nginx.conf": { content: renderNginxConf(view), mode: "0644" },
    "server.crt": { content: serverCert.chainPem, mode: "0644" },
    "server.key": { content: serverCert.privateKeyPem, mode: "0600" },
    "client-ca.crt": {
      content: pulumi.all(roots.map((root) => root.certPem)).apply((pems) => pems.join("")),
      mode: "0644",
    },
    ...(crlPem ? { "client-ca.crl": { content: crlPem, mode: "0644" } } : {}),
    ...(Object.fromEntries(pages) as Record<string, FileArgs>),
  };
}
